import PlumbModel

/// The condition that a proof of *outside* rests on, said once in each report that has something outside.
///
/// A bound holds for one formula in one arithmetic: another formula of the same function has other errors.
package struct ProofCondition: Sendable {
  /// One line: the formulas and the arithmetic, what else may be outside, and what to do.
  package let text: String

  /// The most formulas that are written out.
  private static let most = 3

  /// Makes the condition of what is outside in `layers`, whose bounds are those of the `arithmetic`.
  ///
  /// - Parameter isOwn: whether it was computed by the engine here in its own arithmetic, both of which it declares.
  package init?(outside layers: some Sequence<LayerKind>, arithmetic: String, isOwn: Bool) {
    var known: [LayerKind] = []
    for layer in layers where !known.contains(layer) { known.append(layer) }
    guard !known.isEmpty else { return nil }
    var formulas = known.prefix(Self.most).map { "\($0.rawValue): \(Catalogue.signature(of: $0).formula)" }
    let left = known.count - formulas.count
    if left > 0 { formulas.append("and those of \(left) more, which 'plumb layer --list' prints") }
    let holds =
      "Outside is proved for the formula and the arithmetic that are named: \(formulas.joined(separator: "; ")); "
      + (isOwn ? "this engine's own arithmetic. " : "arithmetic '\(arithmetic)'. ")
    let rest =
      isOwn
      ? "The engine declares both, so that this is a bug of it, or a fault of the machine; page Bounds derives them."
      : "Another formula of the same function (a softmax rescaled as it goes, GELU by another "
        + "expression) may be outside without a bug: compare yours on page Arithmetics, and name its arithmetic by "
        + "'--arithmetic', with functions=NAME or elementary=K where its functions are less accurate than 4 ulps, as "
        + "JAX's tanh and erf are."
    text = holds + rest
  }

  /// Makes the condition of those of `activations` that are outside.
  package init?(_ activations: some Sequence<ActivationDrift>, arithmetic: String, isOwn: Bool) {
    let layers = activations.lazy.filter { $0.local.verdict == .outside }.compactMap { LayerKind(rawValue: $0.layer) }
    self.init(outside: Array(layers), arithmetic: arithmetic, isOwn: isOwn)
  }
}
