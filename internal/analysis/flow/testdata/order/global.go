package order

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"example.com/shop/lib"
	wfe "github.com/wfegen/wfe/runtime"
)

type settings struct {
	N     int
	Rates map[string]int
	Inner *settings
}

func (c *settings) set(n int)       { c.N = n }
func (c *settings) deeper(n int)    { c.Inner.set(n) }
func (c settings) rate(k string)    { c.Rates[k] = 1 }
func (c *settings) limit() int      { return c.N }
func (c settings) copied() settings { c.N = 3; return c }
func fill(into map[string]int)      { fillMore(into) }
func fillMore(into map[string]int)  { into["x"] = 1 }
func shared() *settings             { return byResult }
func sharedAgain() *settings        { return shared() }
func grown(list []string) []string  { return append([]string{}, list...) }
func sumAll(rates map[string]int) (n int) {
	for _, r := range rates {
		n += r
	}
	return n
}

var (
	byMethod    settings
	byDeeper    = settings{Inner: &settings{}}
	byValue     = settings{Rates: map[string]int{}}
	byAlias     = map[string]int{}
	byAddress   = &settings{}
	byResult    = &settings{}
	byParameter = map[string]int{}
	byElement   = []*settings{{}}
	byLiteral   = &settings{}
	byForeign   = &settings{}
	byReader    = &settings{}
	byField     = &settings{Inner: &settings{}}
	byBuilder   strings.Builder

	onlyRead   = settings{N: 3, Rates: map[string]int{"a": 1}}
	onlyReadAt = &settings{N: 4}
	rates      = map[string]int{"a": 1}
	names      = []string{"a"}
	pattern    = regexp.MustCompile("a+")
	errGone    = errors.New("gone")
	setUp      = func() { p := byLiteral; p.N = 3 }
)

// Configure is called by main.
func Configure() {
	byMethod.set(3)
	byDeeper.deeper(3)
	byValue.rate("x")
	p := byAlias
	p["a"] = 1
	q := byAddress
	q.N = 4
	sharedAgain().N = 4
	fill(byParameter)
	for _, e := range byElement {
		e.N = 3
	}
	lib.Fill(byForeign)
	_ = json.Unmarshal([]byte("{}"), byReader)
	inner := byField.Inner
	inner.N = 3
	byBuilder.WriteString("x")
	setUp()

	c := onlyRead
	c.N = 5
	c = onlyRead.copied()
	c.set(4)
	own := maps.Clone(rates)
	own["b"] = 2
	fill(own)
	list := grown(names)
	list[0] = "b"
	fmt.Println(onlyReadAt, onlyRead.limit(), pattern, errGone, sumAll(rates), names)
}

//wfe:workflow
func PureGlobalsThatOthersChange(w *wfe.Flow, o *Order) {
	o.N = byMethod.N                            // want WFE4005 byMethod is assigned
	o.N = byDeeper.N                            // want WFE4005 byDeeper
	o.N = len(byValue.Rates)                    // want WFE4005 byValue
	o.N = byAlias["a"]                          // want WFE4005 byAlias
	o.N = byAddress.N                           // want WFE4005 byAddress
	o.N = byResult.N                            // want WFE4005 byResult
	o.N = byParameter["x"]                      // want WFE4005 byParameter
	o.N = byElement[0].N                        // want WFE4005 byElement
	o.N = byLiteral.N                           // want WFE4005 byLiteral
	o.N = byForeign.N                           // want WFE4005 byForeign
	o.N = byReader.N                            // want WFE4005 byReader
	o.N = byField.N                             // want WFE4005 byField
	o.Note = byBuilder.String()                 // want WFE4005 byBuilder
	wfe.Do(w, Charge{Cents: int64(byMethod.N)}) // want WFE4005 byMethod
}

//wfe:workflow
func PureGlobalsThatAreRead(w *wfe.Flow, o *Order) {
	o.N = onlyRead.N + onlyReadAt.N + rates["a"] + len(names) + onlyRead.Rates["a"]
	o.Done = pattern.MatchString(names[0])
	if errors.Is(errGone, errStock) {
		wfe.Fail(w, errGone)
	}
	wfe.Do(w, Charge{Cents: int64(onlyRead.N)})
}
