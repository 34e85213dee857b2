package flowzoo

import (
	"fmt"
	"slices"

	wfe "github.com/wfegen/wfe/runtime"
)

// Tagged is an element that refers to a list and a map.
type Tagged struct {
	Name string
	Tags []string
	Seen map[string]int
}

// Elements writes to what the elements of loops refer to.
//
//wfe:workflow
func Elements(w *wfe.Flow, c *Case) {
	for _, row := range [][]int{{3, 1}, {2, 0}} {
		row[0] += 50
		wfe.Do(w, Say{Text: fmt.Sprint(row)}, wfe.Name("written"))
		c.Log = append(c.Log, fmt.Sprint(row))
	}
	rows := [][]int{{3, 1}, {2, 0}, {1, 1}}
	//wfe:id rows
	for i, row := range rows {
		slices.Sort(row)
		wfe.Do(w, Say{Text: fmt.Sprint(row)}, wfe.Name("sorted"))
		if i == 1 {
			clear(row)
		}
		wfe.Do(w, Say{Text: fmt.Sprint(row)}, wfe.Name("cleared"))
		c.Log = append(c.Log, fmt.Sprint(row, len(row)))
	}
	//wfe:id each
	wfe.ForEach(w, [][]int{{3, 1}, {2, 0}}, func(row []int) {
		other := row
		other[1] = 7
		wfe.Do(w, Say{Text: fmt.Sprint(row)}, wfe.Name("each"))
		c.Log = append(c.Log, fmt.Sprint(row))
	}, wfe.Sequential())
	tagged := []Tagged{{"a", []string{"x", "y"}, map[string]int{"a": 1}}, {"b", nil, nil}}
	//wfe:id tagged
	wfe.ForEach(w, tagged, func(t Tagged) {
		if len(t.Tags) > 0 {
			t.Tags[0] = "elem"
			t.Seen["z"]++
			delete(t.Seen, "a")
		}
		wfe.Do(w, Say{Text: t.Name}, wfe.Name("tagged"))
		c.Log = append(c.Log, fmt.Sprint(t.Tags, t.Seen))
	}, wfe.Sequential())
	//wfe:id read
	for _, t := range tagged { // nothing of it is saved a second time
		wfe.Do(w, Say{Text: fmt.Sprint(t)}, wfe.Name("read"))
		if t.Name == "b" || len(t.Tags) > 1 && t.Tags[0] != "" {
			c.Log = append(c.Log, t.Name)
		}
		for _, tag := range t.Tags {
			c.Sum += len(tag)
		}
	}
	pointers := struct{ List []*Tagged }{[]*Tagged{{Name: "p"}, {Name: "q", Tags: []string{"r"}}}}
	//wfe:id pointers
	for _, p := range pointers.List {
		wfe.Do(w, Say{Text: p.Name}, wfe.Name("pointed"))
		c.Log = append(c.Log, fmt.Sprint(p.Name, len(p.Tags), *p))
	}
	//wfe:id changed
	for _, p := range []*Tagged{{Name: "p"}, {Name: "q", Tags: []string{"r"}}} {
		p.Name += "!"
		wfe.Do(w, Say{Text: p.Name}, wfe.Name("changed"))
		p.Tags = append(p.Tags, "more")
		wfe.Do(w, Say{Text: fmt.Sprint(p.Tags)}, wfe.Name("tags"))
		c.Log = append(c.Log, fmt.Sprint(*p))
	}
	//wfe:id each-pointer
	wfe.ForEach(w, pointers.List, func(p *Tagged) {
		wfe.Do(w, Say{Text: p.Name}, wfe.Name("pointed"))
		c.Log = append(c.Log, p.Name)
	}, wfe.Sequential())
	//wfe:id counted
	for i := range c.Words {
		wfe.Do(w, Say{Text: c.Words[i]}, wfe.Name("counted"))
	}
}
