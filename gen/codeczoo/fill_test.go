package codeczoo

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"reflect"
	"strings"
	"time"
)

// fill makes v a random value that depends on nothing but r: two calls with the same seed make equal values.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if special(r, v, depth) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(number(r, v.Type().Bits())))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(number(r, v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float(r, v.Type().Bits()))
	case reflect.String:
		v.SetString(text(r))
	case reflect.Pointer:
		if r.IntN(3) > 0 && depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if r.IntN(4) == 0 {
			return
		}
		n := r.IntN(4)
		if depth <= 0 {
			n = 0
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n+r.IntN(3)))
		all := v.Slice(0, v.Cap()) // what is behind the end shows when a longer array is decoded
		for i := range all.Len() {
			if depth > 0 {
				fill(r, all.Index(i), depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth)
		}
	case reflect.Map:
		if r.IntN(4) == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			if depth <= 0 {
				break
			}
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, 0)
			fill(r, elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() || v.Type().Field(i).Anonymous && f.Kind() == reflect.Struct {
				fill(r, f, depth-1)
			}
		}
	case reflect.Interface:
		if x := anything(r, depth); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	}
}

// special fills types whose values have rules of their own.
func special(r *rand.Rand, v reflect.Value, depth int) bool {
	if !v.CanAddr() || !v.Addr().CanInterface() {
		return false
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		if r.IntN(4) > 0 {
			zone := []*time.Location{time.UTC, time.FixedZone("", 3600*(r.IntN(28)-14)+60*r.IntN(60))}[r.IntN(2)]
			if depth == 0 {
				zone = time.UTC // as a key of a map, a time is equal to one of the same zone by pointer only
			}
			*p = time.Unix(r.Int64N(1<<33), int64(r.IntN(3))*int64(r.IntN(1e9))).In(zone)
		}
	case *json.Number:
		*p = json.Number([]string{"", "0", "-1.5e3", "12345678901234567890"}[r.IntN(4)])
	case *json.RawMessage:
		*p = json.RawMessage([]string{"null", ` { "a" : [ 1 , "<\u2028>" ] } `, `"x"`}[r.IntN(3)])
	case *net.IP:
		*p = []net.IP{nil, net.IPv4(10, 0, 0, byte(r.IntN(256))), net.IPv6loopback}[r.IntN(3)]
	case *big.Int:
		p.Lsh(big.NewInt(r.Int64()), uint(r.IntN(100)))
	case *EmbedsLower:
		if r.IntN(2) == 0 {
			p.lower = &lower{Low: r.IntN(9)}
		}
		p.A = r.IntN(9)
	default:
		return false
	}
	return true
}

func number(r *rand.Rand, bits int) uint64 {
	switch r.IntN(4) {
	case 0:
		return 0
	case 1:
		return uint64(r.IntN(100))
	case 2:
		return 1<<(bits-1) - 1
	}
	return r.Uint64() >> (64 - bits)
}

func float(r *rand.Rand, bits int) float64 {
	f := []float64{0, math.Copysign(0, -1), 1e-6, 9.9e-7, 1e21, 9.99e20, float64(r.IntN(1 << 30)), r.NormFloat64(),
		math.Exp(r.NormFloat64() * 30)}[r.IntN(9)]
	if bits == 32 {
		return float64(float32(f))
	}
	return f
}

func text(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(5) {
		b.WriteString([]string{"a", "Z9", " the quick brown fox", "\"", "\\", "/", "<", ">", "&", "\u2028", "\u2029", "é", "漢字",
			"😀", "\xff", "\xe2\x80", "\x00", "\x1f", "\x7f", "\n", "\t", "\b", "\f", "\r", "'", "\u212a"}[r.IntN(26)])
	}
	return b.String()
}

func anything(r *rand.Rand, depth int) any {
	switch n := r.IntN(8); {
	case n == 0:
		return text(r)
	case n == 1:
		return float(r, 64)
	case n == 2:
		return true
	case n == 3 && depth > 0:
		return []any{anything(r, depth-1), anything(r, depth-1)}
	case n == 4 && depth > 0:
		return map[string]any{text(r): anything(r, depth-1), "k": nil}
	case n == 5 && depth > 0:
		return &Scalars{String: text(r)}
	}
	return nil
}
