package order

import (
	"bufio"
	"cmp"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"maps"
	"math"
	"math/rand"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/shop/lib"
	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func PureImpureCalls(w *wfe.Flow, o *Order) {
	o.Due = time.Now() // want WFE4002 time.Now depends
	o.Due = wfe.Now(w).Add(time.Hour)
	if time.Since(o.Due) > time.Hour { // want WFE4002 time.Since
		wfe.End(w)
	}
	<-time.After(1)    // want WFE4002 time.After | WFE4001 a channel
	time.Sleep(1)      // want WFE4002 time.Sleep
	o.N = rand.Intn(3) // want WFE4002 rand.Intn comes out
	b := make([]byte, 8)
	crand.Read(b)              // want WFE4002 rand.Read
	o.Note = os.Getenv("HOME") // want WFE4002 os.Getenv
	_, _ = os.ReadFile("x")    // want WFE4002 os.ReadFile
	o.Names = os.Args          // want WFE4002 os.Args
	fmt.Println(o.ID)          // want WFE4002 fmt.Println writes
	fmt.Fprintln(              // want WFE4002 fmt.Fprintln writes
		os.Stdout) // want WFE4002 os.Stdout
	log.Printf("%s", o.ID) // want WFE4002 log.Printf
	println(o.ID)          // want WFE4002 println
	var mu sync.Mutex
	mu.Lock()                                                           // want WFE4002 Mutex.Lock is for goroutines
	o.N = unmarkedTotal(o)                                              // want WFE4003 order.unmarkedTotal is not marked
	o.N = o.unmarked()                                                  // want WFE4003 Order.unmarked is not marked
	o.N = lib.Chance()                                                  // want WFE4003 lib.Chance
	o.N = callback()                                                    // want WFE4003 of callback it is not known
	o.Note = strings.Map(anyRune, o.Note)                               // want WFE4003 order.anyRune is not marked
	wfe.Do(w, Charge{Cents: time.Now().Unix()})                         // want WFE4002 time.Now
	wfe.WaitFor[Approval](w, newID())                                   // want WFE4003 order.newID
	wfe.Sleep(w, time.Until(o.Due))                                     // want WFE4002 time.Until
	o.Due = o.Due.Local()                                               // want WFE4002 Time.Local
	o.Due = o.Due.In(time.Local)                                        // want WFE4002 time.Local
	slices.SortFunc(o.Items, func(a, b Item) int { return rand.Int() }) // want WFE4002 rand.Int
	o.N = notPureAtAll()
	o.N = deeplyImpure()
	o.N = changing(o)
	o.N = changingSlice(o.Items)
	o.N = changingLater(o.Items)
	o.N = sortsParameter(o.Names)
	o.N = counting()
	o.N = goes()
	o.N = o.change()
}

var callback = func() int { return 3 }

func unmarkedTotal(o *Order) int { return o.N }
func (o *Order) unmarked() int   { return o.N }
func anyRune(r rune) rune        { return r }
func newID() string              { return "x" }

//wfe:pure
func notPureAtAll() int { return time.Now().Day() } // want WFE4004 but it uses time.Now

//wfe:pure
func deeplyImpure() int { return deeper() } // want WFE4004 but it calls order.deeper

func deeper() int { return rand.Int() }

//wfe:pure
func printsInto(b *strings.Builder) int { fmt.Fprint(b, 1); return 1 } // want WFE4004 it changes what its parameter points to

//wfe:pure
func changing(o *Order) int { o.N = 3; return 1 } // want WFE4004 it changes what its parameter points to: o.N

//wfe:pure
func changingSlice(items []Item) int { items[0].Qty++; return 1 } // want WFE4004 items[0].Qty

//wfe:pure
func changingLater(items []Item) int {
	some := items[1:]
	some[0].Qty = 3 // want WFE4004 some[0].Qty
	return 1
}

//wfe:pure
func sortsParameter(names []string) int { sort.Strings(names); return 1 } // want WFE4004 points to: names

var count int

//wfe:pure
func counting() int { count++; return count } // want WFE4004 package variable count | WFE4004 package variable count

//wfe:pure
func goes() int { go func() {}(); return 1 } // want WFE4004 there is go in it

//wfe:pure
func (o *Order) change() int { o.N++; return 1 } // want WFE4004 o.N

//wfe:workflow
func PurePackageVariables(w *wfe.Flow, o *Order) {
	count++        // want WFE4005 count is assigned
	o.N = count    // want WFE4005 count
	table["x"] = 3 // want WFE4005 table
	o.N = fixed["x"]
	o.N = lib.Limit // want WFE4005 lib.Limit
	o.Due = started // want WFE4005 started has another value in each process, by time.Now
	o.Note = host   // want WFE4005 by os.Getenv
	o.Done = word.MatchString(o.Note)
	if errors.Is(errStock, errStock) {
		wfe.Fail(w, errStock)
	}
	*pointer() = 3                         // want WFE4003 order.pointer
	o.N = *handed                          // want WFE4005 handed
	o.N = handedOut                        // want WFE4005 handedOut
	wfe.Do(w, Charge{Cents: int64(count)}) // want WFE4005 count
	count = wfe.Do(w, Judge2{}).Risk       // want WFE4005 count
}

var (
	table     = map[string]int{}
	fixed     = map[string]int{"x": 1}
	started   = time.Now()
	host      = os.Getenv("HOST")
	word      = regexp.MustCompile(`\w+`)
	handedOut = 3
	handed    = &handedOut
)

func init() { handed = nil }

func pointer() *int { return handed }

//wfe:workflow
func PureCallsThatAreFine(w *wfe.Flow, o *Order) {
	o.Note = strings.ToUpper(o.Note) + strconv.Itoa(o.N) + fmt.Sprintf("%d", o.N)
	o.N = max(o.N, len(o.Items), int(math.Sqrt(4)))
	slices.SortFunc(o.Items, func(a, b Item) int { return cmp.Compare(a.SKU, b.SKU) })
	sort.Slice(o.Names, func(i, j int) bool { return o.Names[i] < o.Names[j] })
	o.Due = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).Add(3 * time.Hour).Truncate(time.Hour)
	o.Done = o.Due.Before(o.Due) && o.Due.Weekday() == time.Monday
	text, _ := json.Marshal(o.First)
	o.Note = string(text)
	for _, k := range slices.Sorted(maps.Keys(o.Counts)) {
		o.N += o.Counts[k]
	}
	var b strings.Builder
	for _, it := range o.Items {
		b.WriteString(it.SKU)
		fmt.Fprintf(&b, " %d,", it.Qty)
	}
	fmt.Fprintln(&b)
	o.Note = b.String()
	o.N = o.total() + lib.Double(3) + sumOf(o.Items) + recursively(3)
	o.Names = sorted(o.Names)
	o.N = func(n int) int { return n * 2 }(o.N)
	double := func(n int) int { return n * 2 }
	o.N = double(o.N)
	err := fmt.Errorf("no %s: %w", o.ID, errStock)
	o.Failure = err.Error()
	delete(o.Counts, "x")
	clear(o.Names)
	slices.SortFunc(o.Items, bySKU)
	if o.N > 3 {
		panic("too many")
	}
	wfe.Do(w, Charge{Cents: int64(o.total())})
}

//wfe:pure
func (o *Order) total() (n int) {
	for _, it := range o.Items {
		n += it.Qty
	}
	return n
}

//wfe:pure
func sumOf(items []Item) int {
	sum := map[string]int{}
	for _, it := range items {
		it.Qty++
		sum[it.SKU] += it.Qty
	}
	local := []Item{{Qty: 1}}
	local[0].Qty = 3
	o := Order{}
	o.N = inner(&o)
	return len(sum) + o.N
}

func inner(o *Order) int { return o.N }

//wfe:pure
func recursively(n int) int {
	if n == 0 {
		return 0
	}
	return recursively(n - 1)
}

//wfe:pure
func sorted(names []string) []string {
	out := slices.Clone(names)
	sort.Strings(out)
	return append(out, "z")
}

//wfe:pure
func bySKU(a, b Item) int { return cmp.Compare(a.SKU, b.SKU) }

// PureInMemory reads and writes what is in memory alone.
//
//wfe:workflow
func PureInMemory(w *wfe.Flow, o *Order) {
	h := sha256.New()
	h.Write([]byte(o.Note))
	o.Note = hex.EncodeToString(h.Sum(nil))
	sc := bufio.NewScanner(strings.NewReader(o.Note))
	for sc.Scan() {
		o.Names = append(o.Names, sc.Text())
	}
	all, err := io.ReadAll(strings.NewReader(o.Note))
	if err != nil {
		wfe.Fail(w, err)
	}
	o.N = len(all)
	sum := crc32.NewIEEE()
	_, _ = io.WriteString(sum, o.Note)
	_, _ = io.Copy(os.Stdout, strings.NewReader("x")) // want WFE4002 os.Stdout
	wfe.Do(w, Charge{})
}
