package programs

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// outcome is what has become of a run, as the rig of a batch writes it.
type outcome struct {
	ID             string
	Status, Reason string
	Step, Message  string
	Attempt        int
	Waiting        []string
	Data           map[string]any
	Effects        []effect
}

// effect is what a step did, on a strand of the run: "/e3.1/p5.0" is one within "/e3.1".
type effect struct{ At, What string }

func readOutcomes(path string) (map[string]outcome, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []outcome
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	out := map[string]outcome{}
	for _, o := range list {
		out[o.ID] = o
	}
	return out, nil
}

// differs says how got is not as want; "" if it is.
func (want outcome) differs(got outcome) string {
	var b strings.Builder
	say := func(what string, w, g any) {
		if !reflect.DeepEqual(w, g) {
			fmt.Fprintf(&b, "  %s: directly %v\n    compiled %v\n", what, w, g)
		}
	}
	say("status", want.Status+" "+want.Reason, got.Status+" "+got.Reason)
	say("failure", want.failed(), got.failed())
	say("waits for", want.Waiting, got.Waiting)
	for name := range want.Data {
		w, g := bare(want.Data[name]), bare(got.Data[name])
		if name == "Bag" { // in any order
			w, g = inOrder(w), inOrder(g)
		}
		say(name, w, g)
	}
	w, g := strands(want.Effects), strands(got.Effects)
	for _, at := range slices.Sorted(keys(w, g)) {
		if x, y := w[at], g[at]; !slices.Equal(x, y) {
			i := 0
			for i < min(len(x), len(y)) && x[i] == y[i] {
				i++
			}
			fmt.Fprintf(&b, "  effects on strand %q from the %dth: directly %q\n    compiled %q\n", at, i, x[i:min(len(x), i+3)], y[i:min(len(y), i+3)])
			break
		}
	}
	return b.String()
}

// The ids of children have that of their parent in them, those of nodes less in a direct run.
var ids = regexp.MustCompile(`(child|node) [^ ]+( of|:)`)

func (o outcome) failed() string {
	return fmt.Sprintf("%s, attempt %d: %s", o.Step, o.Attempt, ids.ReplaceAllString(o.Message, "$1$2"))
}

// bare has nil for lists without elements.
func bare(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = bare(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = bare(v[k])
		}
	}
	return v
}

func inOrder(v any) any {
	list, _ := v.([]any)
	var out []string
	for _, x := range list {
		out = append(out, fmt.Sprint(x))
	}
	slices.Sort(out)
	return out
}

// strands lists, for each strand, what happened on it and on those that it is within. Only that is in one order.
func strands(effects []effect) map[string][]string {
	out := map[string][]string{}
	for _, e := range effects {
		out[e.At] = nil
	}
	for at := range out {
		for _, e := range effects {
			if e.At == at || strings.HasPrefix(at, e.At+"/") || e.At == "" {
				out[at] = append(out[at], strings.TrimSpace(e.At+" "+e.What))
			}
		}
	}
	return out
}

func keys(a, b map[string][]string) func(yield func(string) bool) {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return func(yield func(string) bool) {
		for k := range all {
			if !yield(k) {
				return
			}
		}
	}
}
