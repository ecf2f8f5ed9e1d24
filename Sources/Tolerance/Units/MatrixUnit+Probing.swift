extension MatrixUnit {
  /// A way in which a unit adds a block of products: all at once, each cut so many bits below the greatest.
  package struct BlockShape: Sendable, Hashable {
    /// The number of products.
    package let size: Int
    /// The bits that are kept below the greatest exponent.
    package let bits: Int
  }

  /// The blocks of the unit for factors of `format`, as far as it cuts products to one exponent and adds them exactly.
  package func alignedBlocks(of format: FloatFormat) -> [BlockShape] {
    Set(
      blocks(of: format).compactMap { block in
        if case .aligned(let bits, _, _) = block.addition { BlockShape(size: block.size, bits: bits) } else { nil }
      }
    ).sorted { ($0.size, $0.bits) < ($1.size, $1.bits) }
  }
}
