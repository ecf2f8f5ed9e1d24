import PlumbModel

/// The matrices of all experts as folders store them in MXFP4: blocks `[experts, rows, groups, 16]` of 32 numbers, and for each block
/// a scale, `[experts, rows, groups]`.
///
/// A byte of a block holds two neighbours, the first in its low nibble. A matrix is put into the order of `TensorType.mxfp4` when
/// somebody reads it.
/// Source: OCP 2023, *Microscaling Formats (MX) Specification 1.0*, section 5.2; `integrations/mxfp4.py` of huggingface/transformers.
struct PackedStack: Sendable {
  let name: String
  private let blocks, scales: SafeTensors.Entry

  /// The ends of the names of its two tensors.
  static let (blocks, scales) = ("_blocks", "_scales")

  /// The stack of two entries of one `name`.
  ///
  /// - Throws: `ModelError` where they do not fit together, or a scale is NaN or greater than Float32s can be multiplied by.
  init(_ name: String, _ blocks: SafeTensors.Entry, _ scales: SafeTensors.Entry, file: String) throws(ModelError) {
    (self.name, self.blocks, self.scales) = (name, blocks, scales)
    guard blocks.type == .u8, scales.type == .u8, blocks.shape.count == 4, blocks.shape[3] == 16,
      Array(blocks.shape.dropLast()) == scales.shape
    else {
      throw ModelError(
        file: file,
        problem: "tensors \(ModelError.quoted(blocks.name)) (\(blocks.type.rawValue), \(blocks.shape)) and "
          + "\(ModelError.quoted(scales.name)) (\(scales.type.rawValue), \(scales.shape)) are no blocks of MXFP4 with their scales",
        remedy: "the model contradicts itself: fetch it again")
    }
    // Sound: the bytes are looked at only while they are lent.
    if let place = unsafe scales.withUnsafeBytes({ unsafe $0.firstIndex { $0 > 252 } }) {
      throw ModelError(
        file: file,
        problem:
          "tensor \(ModelError.quoted(scales.name)) holds at element \(place) a scale that is NaN or beyond 2^125",
        remedy: "the weights are damaged: fetch the model again")
    }
  }

  /// The number of experts, and the rows of a matrix.
  var experts: Int { scales.shape[0] }
  var rows: Int { scales.shape[1] }

  /// The `chosen` rows of the matrix of `expert`, as the tensor called `name`.
  ///
  /// - Precondition: they are among its rows, and it is one of the experts.
  func matrix(_ expert: Int, rows chosen: [Int], name: String) -> Tensor? {
    let groups = scales.shape[2]
    let bytes = MadeBytes(count: chosen.count * groups * TensorType.mxfp4.bytesPerBlock) { [self] in
      packed(chosen.map { expert * rows + $0 }, groups: groups)
    }
    return Tensor(name: name, type: .mxfp4, shape: [chosen.count, 32 * groups], bytes: bytes)
  }

  /// The rows at `places` of all, block by block, in the order of `TensorType.mxfp4`.
  private func packed(_ places: [Int], groups: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(places.count * groups * 17)
    // Sound: init checked that there are 16 bytes and a scale for each group of each row.
    unsafe blocks.withUnsafeBytes { blocks in
      unsafe scales.withUnsafeBytes { scales in
        for place in places {
          for group in place * groups..<(place + 1) * groups {
            func nibble(_ element: Int) -> UInt8 {
              unsafe blocks[group * 16 + element / 2] >> (element.isMultiple(of: 2) ? 0 : 4) & 15
            }
            result.append(unsafe scales[group])
            for element in 0..<16 { result.append(nibble(element) | nibble(element + 16) << 4) }
          }
        }
      }
    }
    return result
  }
}
