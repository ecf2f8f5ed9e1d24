internal import CExact

/// Sums of products of Float64s for a panel of columns at once: as fast as the processor multiplies, and off by no more
/// than is stated.
package enum PanelSums {
  /// The columns of a panel.
  package static let columns = Int(PLUMB_SUM_COLUMNS)

  /// The bound of |computed − exact| ÷ Σ|weight|·|x| for sums of `terms` products, where nothing over- or underflows.
  ///
  /// γ(n) = n·u / (1 − n·u), u = 2⁻⁵³, is below (n + 1)·u while n² < 2⁵² (Higham, section 3.1).
  ///
  /// - Precondition: `terms` is below 2²⁵.
  package static func relativeError(terms: Int) -> Double { Double(terms + 1) * 0x1p-53 }

  /// Writes Σₖ `panel`[24·k + c] · `x`[`terms`·r + k] to `sums`[24·r + c] for each row r of `x`.
  ///
  /// - Precondition: `panel` holds `terms` times 24 numbers, `x` a multiple of `terms`, `sums` 24 for each row.
  package static func sums(_ panel: [Double], _ x: [Double], terms: Int, into sums: inout [Double]) {
    write(panel, x, terms: terms, into: &sums, ExactInstructionSet.fastestSums)
  }

  /// The same, by the instructions of `set`; false where this processor has them not.
  package static func sums(
    _ panel: [Double], _ x: [Double], terms: Int, into sums: inout [Double], _ set: ExactInstructionSet
  ) -> Bool {
    // The function is not called here.
    guard unsafe plumb_panel_sums_for(set.code) != nil else { return false }
    write(panel, x, terms: terms, into: &sums, set)
    return true
  }

  private static func write(
    _ panel: [Double], _ x: [Double], terms: Int, into sums: inout [Double], _ set: ExactInstructionSet
  ) {
    guard terms > 0 else {
      for index in sums.indices { sums[index] = 0 }
      return
    }
    let count = x.count / terms
    precondition(
      panel.count >= terms * columns && x.count == count * terms && sums.count >= count * columns,
      "\(panel.count) weights and \(x.count) numbers for sums of \(terms)")
    // The sizes are those that the kernel's declaration asks for.
    unsafe panel.withUnsafeBufferPointer { panel in
      unsafe x.withUnsafeBufferPointer { x in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          guard let function = unsafe plumb_panel_sums_for(set.code), let panel = panel.baseAddress,
            let x = x.baseAddress, let sums = sums.baseAddress
          else { preconditionFailure("this processor has no \(set)") }
          unsafe function(panel, terms, x, count, sums)
        }
      }
    }
  }
}

extension ExactInstructionSet {
  /// The fastest set that this processor has sums of products for.
  fileprivate static let fastestSums =
    allCases.last { set in
      // The function is not called here.
      unsafe plumb_panel_sums_for(set.code) != nil
    } ?? .portable
}

extension PanelSums {
  /// Writes number `term` of each of the 24 rows of `weights` to `panel`[24·term + row], and their magnitudes.
  ///
  /// - Precondition: `weights` and what is written to hold `terms` times 24 numbers.
  package static func transpose(
    _ weights: [Double], terms: Int, to panel: inout [Double], magnitudes: inout [Double]
  ) {
    precondition(
      terms >= 0 && weights.count == terms * columns && panel.count == weights.count
        && magnitudes.count == weights.count, "\(weights.count) weights for \(columns) rows of \(terms)")
    // The sizes are those that the declaration asks for.
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe panel.withUnsafeMutableBufferPointer { panel in
        unsafe magnitudes.withUnsafeMutableBufferPointer { magnitudes in
          guard let weights = weights.baseAddress, let panel = panel.baseAddress,
            let magnitudes = magnitudes.baseAddress
          else { return }
          unsafe plumb_sums_transpose(weights, terms, panel, magnitudes)
        }
      }
    }
  }

  /// Writes the `count` weights that `bytes` hold in the format of the GGUF number `type`, without rounding, the one at j to
  /// `output`[`start` + `stride`·j].
  ///
  /// - Returns: false where one of them is not finite.
  /// - Precondition: `bytes` holds `count` weights, and `output` has the places.
  package static func writeWeights(
    _ type: UInt32, _ bytes: UnsafeRawBufferPointer, count: Int, to output: inout [Double], from start: Int, stride: Int
  ) -> Bool {
    guard count > 0, let base = bytes.baseAddress else { return true }
    precondition(start >= 0 && start + stride * (count - 1) < output.count, "no room for \(count) weights")
    // The caller has the bytes, and the last place is within the output.
    return unsafe output.withUnsafeMutableBufferPointer { output in
      guard let place = output.baseAddress else { return false }
      return unsafe plumb_exact_weights(
        type, base.assumingMemoryBound(to: UInt8.self), count, place + start, stride) != 0
    }
  }
}
