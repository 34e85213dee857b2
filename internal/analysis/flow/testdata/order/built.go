//go:build !special

package order

import wfe "github.com/wfegen/wfe/runtime"

func built(w *wfe.Flow, o *Order) { wfe.Do(w, Charge{}) }
