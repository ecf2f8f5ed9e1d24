import PlumbModel

/// y = x/2 · (1 + erf(x · √½)), element by element: the constant rounded, the halving wherever it stands; `stepwise`, each operation's
/// result may be stored.
package struct GELU<Context: ArithmeticContext>: Elementwise {
  package let context: Context
  package let x: Activation<Context.Number>
  package var function: RowFunction<Context> = { value($0) }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.x = x
    self.context = context
  }

  /// x/2 · (1 + erf(x · √½)).
  package static func value(_ x: Row<Context>) -> Row<Context> {
    guard x.context.storesOperations else { return x.halved(times: factor(x)) }
    return (0.5 * x).stored * (1 + argument(x).stored.errorFunction().stored).stored
  }

  /// 1 + erf(x · √½).
  package static func factor(_ x: Row<Context>) -> Row<Context> { argument(x).onePlusErrorFunction() }

  /// x · √½, or x / √2.
  package static func argument(_ x: Row<Context>) -> Row<Context> {
    (x * x.constant(.rootOfHalf)).or(x.divided(by: x.constant(.rootOfTwo)))
  }
}
