package codec_test

import (
	"encoding/json"
	"testing"
)

func BenchmarkMarshal(b *testing.B) {
	o := sampleOrder()
	b.Run("codec", func(b *testing.B) {
		c := orderCodec()
		buf := make([]byte, 0, 4096)
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buf, err = c.AppendPayload(buf[:0], &o); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&o); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUnmarshal(b *testing.B) {
	o := sampleOrder()
	text, err := json.Marshal(&o)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("codec", func(b *testing.B) {
		c := orderCodec()
		b.ReportAllocs()
		for b.Loop() {
			var got order
			if err := c.Decode(text, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got order
			if err := json.Unmarshal(text, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
}
