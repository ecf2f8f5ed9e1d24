import Foundation

/// The softmax of each row of `columns` elements, in plain Float32.
public func softmax(_ x: [Float], columns: Int) -> [Float] {
  stride(from: 0, to: x.count, by: max(columns, 1)).flatMap { start in
    let row = x[start..<start + columns]
    let greatest = row.max() ?? 0
    let powers = row.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
