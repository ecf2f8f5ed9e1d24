// A SiLU kernel for `plumb fuzz silu --engine ./example-engine`.
import Foundation
import Plumbline

try serve { input in
  let x = try input.tensor("x")
  return x.map { $0 / (1 + exp(-$0)) }
}
