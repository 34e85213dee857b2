package order

import "context"

type ctx = context.Context
