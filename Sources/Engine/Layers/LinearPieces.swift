import PlumbModel

/// The split of a matrix's rows into pieces of work.
struct LinearPieces {
  /// The rows of a piece; the last one may have fewer.
  let rows: Int
  /// The number of pieces.
  let count: Int

  /// The pieces of `rows` for `threads`.
  init(rows: Int, threads: Int) {
    // Eight pieces a thread even out what the system does to threads; the kernels take 32 rows at a time, or 64.
    self.rows = max(1, (rows / (8 * threads) + 31) / 32) * 32
    count = (rows + self.rows - 1) / self.rows
  }

  /// The greatest number of bytes that a thread asks for: as many as arrive while the steps between two products run, which are a
  /// quarter of a second-level cache of 1 MiB.
  private static let expectedBytes = 1 << 18

  /// Lets each thread of `crew` ask memory for the first weights that it will read of `layers`, the pieces of which are one
  /// round of work.
  static func expect(_ layers: [LinearLayer], _ crew: Crew) {
    if crew.size == 1 { return }
    let pieces = layers.map { LinearPieces(rows: $0.weight.rows, threads: crew.size) }
    let count = pieces.reduce(0) { $0 + $1.count }
    for worker in 0..<crew.size {
      var first = crew.firstItem(of: worker, among: count)
      for (layer, pieces) in zip(layers, pieces) {
        if first < pieces.count {
          let start = first * pieces.rows * layer.weight.bytesPerRow
          unsafe layer.weight.withUnsafeBytes { bytes in
            unsafe crew.expect(UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(expectedBytes)), by: worker)
          }
          break
        }
        first -= pieces.count
      }
    }
  }
}
