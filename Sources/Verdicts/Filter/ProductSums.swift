import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

/// A matrix product in Float64, row by row of the inputs: its sums, and the sums of its terms' magnitudes.
///
/// *Error bound*: with n the terms of a sum, u = 2⁻⁵³, each term is rounded once as a product and at most n − 1 times in sums,
/// and may underflow by 2⁻¹⁰⁷⁵. The computed sum S̃, where no term is negative, is at least S·(1 − u)ⁿ − n·2⁻¹⁰⁷⁵, and as
/// (1 − u)⁻ⁿ ≤ 1 + 2nu for nu ≤ ½, S ≤ (S̃ + n·2⁻¹⁰⁷⁴)·(1 + n·2⁻⁵²). The others are off by less than (n + 2)·2⁻⁵³ times that
/// and n·2⁻¹⁰⁷⁴.
package struct ProductSums {
  /// At least Σⱼ |weight[i, j]|·reach[t, j].
  package let magnitudes: [Double]
  /// At least Σⱼ |weight[i, j]|·errors[t, j], where there are some.
  package let inherited: [Double]?
  /// Bounds of Σⱼ weight[i, j]·numbers[t, j], where there are some.
  package let sums: [(lower: Double, upper: Double)]?

  /// The sums for rows of `weight.columns` elements: `reach`, `errors`, none of them negative, and `numbers` of magnitudes that `reach` is at
  /// least.
  ///
  /// - Throws: `EnclosureError` where a weight is not finite.
  package init(
    _ weight: Tensor, reach: [Double], errors: [Double]? = nil, numbers: [Double]? = nil
  ) throws(EnclosureError) {
    let (terms, outputs, width) = (weight.columns, weight.rows, PanelSums.columns)
    let rows = terms == 0 ? 0 : reach.count / terms
    guard terms < 1 << 25 else { throw .argumentOutsideDomain(function: "a product of \(terms) terms") }
    let panels = try concurrentMap((outputs + width - 1) / width) { panel throws(EnclosureError) -> Panel in
      var weights = [Double](repeating: 0, count: terms * width)
      for column in 0..<min(width, outputs - panel * width) {
        guard weight.writeRow(panel * width + column, to: &weights, from: column * terms, stride: 1) else {
          throw .argumentOutsideDomain(function: "linear")
        }
      }
      var (signed, absolute) = (weights, weights)
      PanelSums.transpose(weights, terms: terms, to: &signed, magnitudes: &absolute)
      func sums(_ x: [Double], _ panel: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: rows * width)
        PanelSums.sums(panel, x, terms: terms, into: &sums)
        return sums
      }
      return Panel(
        reach: sums(reach, absolute), errors: errors.map { sums($0, absolute) } ?? [],
        numbers: numbers.map { sums($0, signed) } ?? [])
    }
    func gathered(_ sums: KeyPath<Panel, [Double]>) -> [Double] {
      (0..<rows).flatMap { row in (0..<outputs).map { panels[$0 / width][keyPath: sums][row * width + $0 % width] } }
    }
    let (more, underflow) = (1 + Double(terms) * 0x1p-52, Double(terms) * 0x1p-1074)
    func upward(_ sum: Double) -> Double { Outward.productUp(Outward.sumUp(sum, underflow), more) }
    let magnitudes = gathered(\.reach).map(upward)
    self.magnitudes = magnitudes
    inherited = errors == nil ? nil : gathered(\.errors).map(upward)
    guard numbers != nil else {
      sums = nil
      return
    }
    sums = gathered(\.numbers).enumerated().map { index, sum in
      let off = Outward.sumUp(Outward.productUp(magnitudes[index], Double(terms + 2) * 0x1p-53), underflow)
      return (Outward.sumDown(sum, -off), Outward.sumUp(sum, off))
    }
  }

  /// The sums of the outputs of a panel, one row after the other; none of what is not there.
  private struct Panel: Sendable {
    let reach: [Double]
    let errors: [Double]
    let numbers: [Double]
  }
}
