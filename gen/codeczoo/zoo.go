// Package codeczoo holds types of every shape that serialization code is generated for. Its tests compare the code
// generated for them with encoding/json.
package codeczoo

import (
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wfegen/wfe/gen/codeczoo/foreign"
	wfe "github.com/wfegen/wfe/runtime"
)

//lint:file-ignore SA5008 tags that encoding/json ignores or takes in an odd way are part of the zoo

// Zoo holds one of everything.
type Zoo struct {
	Scalars   Scalars            `json:"scalars"`
	Named     NamedScalars       `json:"named"`
	Lists     Lists              `json:"lists"`
	Maps      Maps               `json:"maps"`
	Pointers  Pointers           `json:"pointers"`
	Omitted   Omitted            `json:"omitted"`
	First     OmittedFirst       `json:"first"`
	Quoted    Quoted             `json:"quoted"`
	Own       Own                `json:"own"`
	Embedding Embedding          `json:"embedding"`
	Names     Names              `json:"names"`
	Any       any                `json:"any"`
	Tree      *Tree              `json:"tree"`
	Forest    Forest             `json:"forest"`
	Foreign   Foreign            `json:"foreign"`
	Anonymous struct{ A, B int } `json:"anonymous"`
	Empty     struct{}           `json:"empty"`
	Generic   Pair[string, []Level]
	Skipped   chan int `json:"-"`
}

// Scalars has each predeclared type.
type Scalars struct {
	Bool    bool
	Int     int
	Int8    int8
	Int16   int16
	Int32   int32
	Int64   int64
	Uint    uint
	Uint8   uint8
	Uint16  uint16
	Uint32  uint32
	Uint64  uint64
	Uintptr uintptr
	Float32 float32
	Float64 float64
	String  string
}

// Types with a name and without methods.
type (
	Flag   bool
	Level  int8
	Grade  uint8
	Amount uint32
	Ratio  float32
	Angle  float64
	Title  string
	Blob   []byte
	Titles []Title
	Triple [3]Level
	Index  map[Title]Level
	Link   *Level
	Forest []Tree
)

// NamedScalars has named scalars.
type NamedScalars struct {
	Flag   Flag
	Level  Level
	Amount Amount
	Ratio  Ratio
	Angle  Angle
	Title  Title
}

// Lists has slices and arrays.
type Lists struct {
	Strings  []string
	Ints     []int
	Bytes    []byte
	Blob     Blob
	Floats   []float64
	Levels   []Level
	Titles   Titles
	Nested   [][]int
	Structs  []NamedScalars
	Pointers []*Scalars
	Times    []time.Time
	Blobs    [][]byte
	Grades   []Grade
	Colours  []Colour
	Any      []any
	Three    [3]int
	Octets   [4]byte
	None     [0]string
	Triple   Triple
	Triples  []Triple
	Square   [2][2]float32
}

// Maps has maps.
type Maps struct {
	Strings  map[string]string
	Titles   map[Title]NamedScalars
	Ints     map[int]string
	Int8s    map[Level][]string
	Uints    map[uint16]*Scalars
	Times    map[time.Time]int
	Marshals map[string]Shout
	Pointer  map[string]Whisper
	Holds    map[string]HoldsWhisper
	Index    Index
	Nested   map[string]map[string]float64
	Any      map[string]any
	Lists    map[string][3]int
}

// Pointers has pointers.
type Pointers struct {
	Int    *int
	String *Title
	Struct *Scalars
	Twice  **int
	Slice  *[]string
	Map    *map[string]int
	Time   *time.Time
	Bytes  *[]byte
	Link   Link
	Array  *[2]int
}

// Omitted has fields that are left out.
type Omitted struct {
	Kept    string
	String  string         `json:",omitempty"`
	Int     int            `json:"int,omitempty"`
	Float   float64        `json:",omitempty"`
	Flag    Flag           `json:",omitempty"`
	Slice   []int          `json:",omitempty"`
	Map     map[string]int `json:",omitempty"`
	Pointer *int           `json:",omitempty"`
	Any     any            `json:",omitempty"`
	Struct  Scalars        `json:",omitempty"`
	Array   [2]int         `json:",omitempty"`
	None    [0]int         `json:",omitempty"`
	Time    time.Time      `json:",omitzero"`
	Zero    NamedScalars   `json:",omitzero"`
	Zeros   [2]float64     `json:",omitzero"`
	ZeroPtr *time.Time     `json:",omitzero"`
	ZeroInt int            `json:",omitzero"`
	ZeroStr Title          `json:",omitzero"`
	ZeroNil []int          `json:",omitzero"`
	ZeroOwn Balance        `json:",omitzero"`
	Both    []string       `json:",omitempty,omitzero"`
}

// OmittedFirst begins with fields that are left out.
type OmittedFirst struct {
	A string `json:"a,omitempty"`
	B int    `json:"b,omitempty"`
	C int    `json:"c"`
	D *int   `json:"d,omitempty"`
}

// OmittedAll has nothing else.
type OmittedAll struct {
	A string `json:"a,omitempty"`
	B int    `json:"b,omitempty"`
}

// Quoted has the option "string" where it applies and where it does not.
type Quoted struct {
	Bool    bool        `json:",string"`
	Int     int         `json:",string"`
	Level   Level       `json:",string"`
	Uint    uint64      `json:",string"`
	Float   float64     `json:",string"`
	Float32 float32     `json:",string,omitempty"`
	String  string      `json:",string"`
	Title   Title       `json:",string"`
	Pointer *int        `json:",string"`
	StrPtr  *string     `json:",string"`
	BoolPtr *bool       `json:",string"`
	Number  json.Number `json:",string"`
	Slice   []int       `json:",string"`
	Time    time.Time   `json:",string"`
	Shout   Shout       `json:",string"`
	Colour  Colour      `json:",string"`
	ColourP *Colour     `json:",string"`
}

// Shout is a string that is written in capitals.
type Shout string

// MarshalJSON writes capitals, with space that is no part of the value.
func (s Shout) MarshalJSON() ([]byte, error) {
	return []byte(` "` + strings.ToUpper(letters(string(s))) + `<&>" `), nil
}

// UnmarshalJSON reads anything.
func (s *Shout) UnmarshalJSON(b []byte) error {
	*s = Shout(letters(strings.ToLower(string(b))))
	return nil
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}

// Whisper has marshallers on the pointer only: a map's values are written without.
type Whisper struct{ Text string }

// MarshalJSON writes the text alone.
func (w *Whisper) MarshalJSON() ([]byte, error) { return json.Marshal(strings.ToLower(w.Text)) }

// UnmarshalJSON reads the text alone, or an object.
func (w *Whisper) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		type plain Whisper
		return json.Unmarshal(b, (*plain)(w))
	}
	return json.Unmarshal(b, &w.Text)
}

// HoldsWhisper has it inside.
type HoldsWhisper struct{ W [1]Whisper }

// Colour marshals itself as text, and not every one can be read.
type Colour uint8

// MarshalText writes a word.
func (c Colour) MarshalText() ([]byte, error) {
	return []byte([]string{"red", "<green>", "blue"}[c%3]), nil
}

// UnmarshalText reads a word.
func (c *Colour) UnmarshalText(b []byte) error {
	for i, name := range []string{"red", "<green>", "blue"} {
		if name == string(b) {
			*c = Colour(i)
			return nil
		}
	}
	return errors.New("no such colour")
}

// Half only marshals.
type Half struct{ N int }

// MarshalText writes the number.
func (h Half) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(h.N), 10), nil }

// Balance knows when it is zero.
type Balance struct{ Credit, Debit int }

// IsZero compares.
func (b Balance) IsZero() bool { return b.Credit == b.Debit }

// Own has types with marshallers of their own, and those that encoding/json knows.
type Own struct {
	Shout    Shout
	ShoutPtr *Shout
	Shouts   []Shout
	Whisper  Whisper
	Whispers []Whisper
	Holds    HoldsWhisper
	Colour   Colour
	Colours  []*Colour
	Half     *Half
	IP       net.IP
	IPs      []net.IP
	Big      big.Int
	BigPtr   *big.Int
	Time     time.Time
	Raw      json.RawMessage
	RawPtr   *json.RawMessage
	Number   json.Number
	Numbers  []json.Number
}

// Base is embedded.
type Base struct {
	ID   string `json:"id"`
	Over string `json:"over"`
}

// Other is embedded by pointer.
type Other struct {
	Rank  int `json:"rank,omitempty"`
	Deep  *Deep
	Clash int
}

// Deep is embedded in an embedded one.
type Deep struct {
	Bottom string
	Clash  int
}

type lower struct {
	Low int `json:"low"`
}

// Tagged is embedded under a name.
type Tagged struct{ T int }

// Embedding embeds.
type Embedding struct {
	Base
	*Other
	lower
	Tagged `json:"tagged"`
	Title
	Over int `json:"over"`
}

// EmbedsLower embeds an unexported struct by pointer, which encoding/json does not make.
type EmbedsLower struct {
	*lower
	A int
}

// Names has names that are hard to match or to write.
type Names struct {
	Plain  int
	Same   int    `json:"SAME"`
	Same2  int    `json:"same"`
	Kelvin string `json:"kelvin"`
	HTML   string `json:"<&>"`
	Odd    string `json:"a.b/c-d$%"`
	Umlaut string `json:"größe"`
	Bad    string `json:"a\"b"`
	Ünder  int
}

// Tree holds itself.
type Tree struct {
	Name     string
	Left     *Tree            `json:",omitempty"`
	Children []Tree           `json:",omitempty"`
	By       map[string]*Tree `json:",omitempty"`
	Forest   Forest           `json:",omitempty"`
}

// Foreign has structs of other packages.
type Foreign struct {
	Part foreign.Part
	*foreign.Embedded
	*foreign.Inner2
	Parts   []foreign.Part
	Box     foreign.Box
	Address *mail.Address
	Inner   foreign.Inner
	File    wfe.Artifact
	Files   map[string][]*wfe.Artifact
}

// More has what is rare: keys that are text by a method, other ways to be zero, types that hold themselves through a
// parameter, fields that hide each other.
type More struct {
	Words    map[Word]int
	Keys     map[Rank]Word
	Wide     map[uint64]bool
	Narrow   map[int8]any
	Deep     [2][]map[string][]*Level
	Whispers map[string]*Whisper
	Clock    Clock    `json:",omitzero"`
	ClockPtr *Clock   `json:"clock,omitzero"`
	Balance  *Balance `json:",omitzero"`
	Any      any      `json:",omitzero"`
	Dash     int      `json:"-,"`
	Empty    int      `json:""`
	Both     int      `json:",omitempty,string"`
	Unknown  int      `json:",inline"`
	Bad      int      `json:"bad\\name"`
	Spaces   int      `json:"a name"`
	Runes    []rune
	Octets   [][4]byte
	Chain    Chain[int]
	Chains   []Chain[Pair[Level, *Title]]
	Left
	*Right
	*Titles
	Title
	Triple `json:",omitempty"`
}

// Word is a string that is written as text in its own way, as a key too.
type Word string

// MarshalText writes it in brackets.
func (w Word) MarshalText() ([]byte, error) { return []byte("[" + letters(string(w)) + "]"), nil }

// UnmarshalText reads it, with brackets or without.
func (w *Word) UnmarshalText(b []byte) error {
	*w = Word(letters(string(b)))
	return nil
}

// Rank is a number that is written as text, another one for each.
type Rank uint16

// MarshalText writes the number in brackets.
func (r Rank) MarshalText() ([]byte, error) {
	return []byte("<" + strconv.Itoa(int(r)) + ">"), nil
}

// UnmarshalText reads it again.
func (r *Rank) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(b), "<>"), 10, 16)
	*r = Rank(n)
	return err
}

// Clock knows by its pointer when it is zero.
type Clock struct{ Hour, Minute int }

// IsZero looks at the hour alone.
func (c *Clock) IsZero() bool { return c.Hour == 0 }

// Chain holds itself, and is generic.
type Chain[T any] struct {
	Value T
	Next  *Chain[T] `json:",omitempty"`
}

// Left and Right have fields of one name: neither is saved, unless one of the two says the name in a tag.
type (
	Left struct {
		Lost  int
		Won   int `json:"Won"`
		Other string
	}
	Right struct {
		Lost  int
		Won   int
		Third string `json:"Other"`
	}
)

// Pair is generic.
type Pair[A, B any] struct {
	First  A
	Second B `json:"second"`
}

// Ship is a step: one dependency, two inputs, one output.
type Ship struct {
	carrier any `wfe:"inject"`
	SKU     string
	Note    string   `json:"note,omitempty"`
	Codes   []string `wfe:"out"`
}

// Carrier is the dependency.
func (s *Ship) Carrier() any { return s.carrier }
