package codecs

import (
	"encoding/json"
	"reflect"
	"testing"
)

// What is compared has to do the same: all write the text of encoding/json, but for what sonic leaves as it is by default,
// and read the sample back from it.
func TestAllWriteAndReadTheSame(t *testing.T) {
	t.Parallel()
	want, err := json.Marshal(Sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Codecs() {
		buf := make([]byte, 0, 4096)
		for range 2 { // the second time into the same buffer
			got, err := c.Marshal(buf)
			if err != nil || c.Name != "sonic, its default" && string(got) != string(want) {
				t.Errorf("%s wrote %s, %v", c.Name, got, err)
			}
			v, err := c.Unmarshal(want)
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			if read := v; !reflect.DeepEqual(read, any(Sample())) && !reflect.DeepEqual(read, any(easyOrder(Sample()))) {
				t.Errorf("%s read %+v", c.Name, read)
			}
		}
	}
}
