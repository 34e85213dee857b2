package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// table is that of type Order struct{ ID string; Items []lib.Item; Next *Order; F func(string, ...int) (any, error) }.
func table() Types {
	ts := Types{
		{},
		{Kind: Struct, Name: "Order", Pkg: "m/order", PkgName: "order", Encode: FormKind, Decode: FormKind},
		{Kind: String, Name: "string", Encode: FormKind, Decode: FormKind},
		{Kind: Slice, Elem: 4, Encode: FormKind, Decode: FormKind},
		{Kind: Struct, Name: "Item", Pkg: "m/lib", PkgName: "lib", Args: []TypeID{2, 5}, Encode: FormKind, Decode: FormKind},
		{Kind: Pointer, Elem: 1, Encode: FormKind, Decode: FormKind},
		{Kind: Func, Sigs: []Signature{{Params: []TypeID{2, 3}, Results: []TypeID{7, 2}, Variadic: true}}},
		{Kind: Interface, Empty: true},
	}
	ts[1].Object = &Object{Type: 1, Members: []Member{{Name: "ID", Type: 2}, {Name: "Items", Type: 3}, {Name: "Next", Type: 5, OmitEmpty: true}}}
	ts[4].Object = &Object{Type: 4, Members: []Member{{Name: "SKU", Type: 2}}}
	return ts
}

func TestTypesAreWrittenAsGoWritesThem(t *testing.T) {
	t.Parallel()
	ts := table()
	require.Equal(t, "[]m/lib.Item[string, *m/order.Order]", ts.String(3))
	require.Equal(t, "[]lib.Item[string, *Order]", ts.Short(3, "m/order"))
	require.Equal(t, "func(string, ...lib.Item[string, *Order]) (any, string)", ts.Short(6, "m/order"))
}

func TestAFingerprintFollowsWhatIsSaved(t *testing.T) {
	t.Parallel()
	ts := table()
	want := ts.Fingerprint(ts[1].Object)
	require.Len(t, want, 16)

	ts[1].Name = "Renamed"
	ts[1].Object.Members[2].Type = 2 // no mention of its own name any more
	without := ts.Fingerprint(ts[1].Object)
	require.NotEqual(t, want, without)
	ts[1].Name = "RenamedAgain"
	ts[4].Args = nil
	ts[1].Object.Members[0], ts[1].Object.Members[1] = ts[1].Object.Members[1], ts[1].Object.Members[0]
	same := ts.Fingerprint(ts[1].Object)
	ts[1].Object.Members[0], ts[1].Object.Members[1] = ts[1].Object.Members[1], ts[1].Object.Members[0]
	require.Equal(t, same, ts.Fingerprint(ts[1].Object), "neither the type's name nor the order of fields counts")

	ts[4].Object.Members[0].Name = "sku"
	require.NotEqual(t, same, ts.Fingerprint(ts[1].Object), "what it reaches does")
}

func TestMarksAreReadFromTagsAndMisspeltOnesNoticed(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]Mark{
		`wfe:"out"`: MarkOut, `json:"x" wfe:"inject"`: MarkInject, `wfe:"ouput"`: BadMark, `wfe:"out,inject"`: BadMark,
		`wfe:"secret"`: NoMark, `wfe:"out,secret"`: MarkOut, `wfe:"secret,out"`: BadMark, `wfe:"inject,secret"`: BadMark, `wfe:""`: BadMark,
		`wfe:out`: BadMark, `WFE:"out"`: BadMark, `wfe: "out"`: BadMark, `json:"wfe"`: NoMark, ``: NoMark, `db:"wfe_id"`: NoMark,
	} {
		require.Equal(t, want, Field{Tag: tag}.Mark(), tag)
	}
}

func TestSecretIsATagOfItsOwnOrOfAnOutput(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]bool{`wfe:"secret"`: true, `json:"pin" wfe:"out,secret"`: true, `wfe:"out"`: false, ``: false} {
		require.Equal(t, want, Field{Tag: tag}.Secret(), tag)
	}
}
