package flow

import (
	"go/types"
	"strings"
)

// writesTo returns the arguments of a function of Go's library of which it writes what they reach.
func writesTo(fn *types.Func) []int {
	switch qualified(fn) {
	case "slices.Sort", "slices.SortFunc", "slices.SortStableFunc", "slices.Reverse", "slices.Compact", "slices.CompactFunc", "slices.Delete",
		"slices.DeleteFunc", "slices.Insert", "slices.Replace",
		"sort.Sort", "sort.Stable", "sort.Slice", "sort.SliceStable", "sort.Ints", "sort.Strings", "sort.Float64s",
		"maps.Copy", "maps.DeleteFunc", "maps.Insert",
		"heap.Init", "heap.Push", "heap.Pop", "heap.Fix", "heap.Remove",
		"hex.Encode", "hex.Decode", "ascii85.Encode", "ascii85.Decode", "Encoding.Encode", "Encoding.Decode",
		"binary.PutUvarint", "binary.PutVarint", "binary.Encode", "binary.Write",
		"ByteOrder.PutUint16", "ByteOrder.PutUint32", "ByteOrder.PutUint64", "littleEndian.PutUint16", "littleEndian.PutUint32",
		"littleEndian.PutUint64", "bigEndian.PutUint16", "bigEndian.PutUint32", "bigEndian.PutUint64",
		"utf8.EncodeRune", "utf16.EncodeRune", "subtle.XORBytes", "Int.FillBytes",
		"json.Compact", "json.Indent", "json.HTMLEscape", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "Decoder.Decode",
		"Replacer.WriteString", "Reader.Read", "Reader.WriteTo", "Buffer.Read", "Buffer.WriteTo", "csv.NewWriter", "json.NewEncoder":
		return []int{0}
	case "json.Unmarshal", "errors.As", "subtle.ConstantTimeCopy", "Reader.ReadAt":
		return []int{1}
	case "binary.Read":
		return []int{0, 2}
	case "binary.Decode", "Int.QuoRem", "Int.DivMod":
		return []int{2}
	case "Int.GCD":
		return []int{0, 1}
	case "IntSlice.Sort", "StringSlice.Sort", "Float64Slice.Sort", "IntSlice.Swap", "StringSlice.Swap", "Float64Slice.Swap",
		"Interface.Swap", "Interface.Push", "Interface.Pop", "Values.Set", "Values.Add", "Values.Del",
		"Hash.Write", "Hash.Reset", "Hash32.Write", "Hash64.Write", "Writer.Write":
		return []int{receiver}
	}
	return nil
}

// appendsTo reports whether a function of Go's library appends to the slice that it is given first.
func appendsTo(fn *types.Func) bool {
	switch qualified(fn) {
	case "Regexp.Expand", "Regexp.ExpandString", "Hash.Sum", "Hash32.Sum", "Hash64.Sum":
	default:
		if !strings.HasPrefix(fn.Name(), "Append") {
			return false
		}
	}
	params := fn.Signature().Params()
	if pureStd()[fn.Pkg().Path()] == nil || params.Len() == 0 {
		return false
	}
	_, slice := params.At(0).Type().Underlying().(*types.Slice)
	return slice
}

// reads reports whether a method with a pointer receiver, of Go's library, changes nothing.
func reads(fn *types.Func) bool {
	switch fn.Pkg().Path() + "." + receiverName(fn.Signature().Recv().Type()) {
	case "strings.Builder", "strings.Reader", "bytes.Buffer", "bytes.Reader":
		switch fn.Name() {
		case "String", "Len", "Cap", "Size", "Bytes", "Available":
			return true
		}
		return false
	case "math/big.Int", "math/big.Rat", "math/big.Float":
		switch fn.Name() {
		case "Append", "AppendText", "Bit", "BitLen", "Bits", "Bytes", "Cmp", "CmpAbs", "Denom", "FillBytes", "Float32", "Float64", "FloatString",
			"FloatPrec", "Format", "GobEncode", "Int64", "IsInf", "IsInt", "IsInt64", "IsUint64", "MantExp", "MarshalJSON", "MarshalText", "MinPrec",
			"Mode", "Acc", "Num", "Prec", "ProbablyPrime", "RatString", "Sign", "Signbit", "String", "Text", "TrailingZeroBits", "Uint64":
			return true
		}
		return false
	case "net/url.URL":
		return fn.Name() != "UnmarshalBinary"
	case "regexp.Regexp":
		return fn.Name() != "Longest" && fn.Name() != "UnmarshalText"
	case "container/list.List", "container/list.Element", "container/ring.Ring":
		switch fn.Name() {
		case "Front", "Back", "Len", "Next", "Prev", "Do":
			return true
		}
		return false
	case "net/url.Userinfo", "net/mail.Address", "time.Location", "strings.Replacer", "encoding/base64.Encoding", "encoding/base32.Encoding":
		return true
	}
	return strings.HasPrefix(fn.Name(), "Marshal") || fn.Name() == "Error" || fn.Name() == "Unwrap"
}
