package directive

import "strings"

// Suggest returns the name among names that s was most likely meant to be: the nearest one by edits, at most two of them
// and fewer than the shorter of both has letters, or else one with which it begins but for a last letter (retries for
// retry). It returns "" when there is none.
func Suggest(s string, names []string) string {
	best, distance := "", 3
	for _, n := range names {
		if d := edits(strings.ToLower(s), strings.ToLower(n)); d < distance && d < min(len(s), len(n)) {
			best, distance = n, d
		}
	}
	for _, n := range names {
		if stem := n[:max(len(n)-1, 0)]; best == "" && len(stem) >= 4 && strings.HasPrefix(strings.ToLower(s), stem) {
			best = n
		}
	}
	return best
}

// edits is the number of letters to insert, delete, change, or swap with the next one, that lie between a and b.
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
