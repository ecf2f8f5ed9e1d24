import PlumbLayers

extension ArithmeticModel {
  /// The models with one option more that a kernel is often found to need: a formula that counts only where it is named, results that are cut
  /// off, or subnormal numbers that are 0.
  package var withOneOptionMore: [ArithmeticModel] {
    var all = FormulaName.named.map { formula in
      var model = self
      model.formulas.formUnion(FormulaNames([formula]))
      return model
    }
    all += [self, self]
    all[all.count - 2].isFaithful = true
    all[all.count - 1].flushesToZero = true
    // An option that contradicts another is none.
    return all.filter { $0 != self && (try? ArithmeticModel(parsing: $0.description)) == $0 }
  }
}
