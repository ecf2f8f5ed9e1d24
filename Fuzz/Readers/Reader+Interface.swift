import CPlumbline
import PlumbCInterface

/// Any arguments of the C interface give an answer or one line that refuses them.
///
/// Three texts that end with 0 (layer, attributes, arithmetic), then tensors: a byte of the name's first letters, one each of
/// type and rank, and the extents and strides as signed bytes, of which −128 to −120 stand for numbers near those that overflow.
func readInterface(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  var rest = bytes[...]
  let texts = (0..<3).map { _ in
    let text = rest.prefix { $0 != 0 }
    rest = rest.dropFirst(text.count + 1)
    return text.map { CChar(bitPattern: $0) } + [0]
  }
  var tensors: [HostileTensor] = []
  while let tensor = HostileTensor(&rest), tensors.count < 8 { tensors.append(tensor) }
  let output = tensors.popLast()
  let inputs = unsafe tensors.map { unsafe $0.lent }
  var text: UnsafeMutablePointer<CChar>?
  let status = withExtendedLifetime((tensors, output)) {
    unsafe withUnsafePointer(to: output?.lent ?? plumbline_tensor()) { output in
      unsafe plumbline_judge(texts[0], texts[1], inputs, inputs.count, output, texts[2], &text)
    }
  }
  let said = unsafe text.map { unsafe String(cString: $0) } ?? ""
  unsafe plumbline_free(text)
  if status == CInt(PLUMBLINE_OK.rawValue) {
    try expect(said.hasPrefix("{"), "an answer is '\(said)'")
    return true
  }
  try expect(
    status == CInt(PLUMBLINE_BAD_ARGUMENT.rawValue) || status == CInt(PLUMBLINE_NOT_PROVED.rawValue),
    "the status is \(status): \(said)")
  try expectOneLine(BrokenPromise(said))
  return false
}

/// A tensor of which nothing need be true but that no element lies outside its memory.
@safe private final class HostileTensor {
  /// The elements that there are on each side of the first.
  private static let room = 256
  private static let names = ["x", "weight", "bias", "tokens", "query", "key", "value", "gate"]

  private let name: UnsafeMutableBufferPointer<CChar>
  private let numbers: UnsafeMutableBufferPointer<Int64>
  private let memory: UnsafeMutableBufferPointer<UInt8>
  /// The tensor; its data are a null pointer where an element would lie outside.
  let lent: plumbline_tensor

  init?(_ bytes: inout ArraySlice<UInt8>) {
    guard bytes.count >= 3 else { return nil }
    let head = bytes.prefix(3).map { Int8(bitPattern: $0) }
    bytes = bytes.dropFirst(3)
    let rank = Int(head[2])
    let axes = max(0, min(rank, 17))
    let read = bytes.prefix(2 * axes).map { Self.number(Int8(bitPattern: $0)) }
    bytes = bytes.dropFirst(read.count)
    let all = read + [Int64](repeating: 1, count: 2 * axes - read.count)
    unsafe name = Self.copied(Array(Self.names[Int(head[0].magnitude) % Self.names.count].utf8CString))
    // One number more, so that there is memory where there are no axes.
    unsafe numbers = Self.copied(all + [1])
    unsafe memory = Self.copied((0..<16 * Self.room).map { UInt8(truncatingIfNeeded: $0) & 0x3F })
    let reach = (0..<axes).reduce(0.0) { $0 + max(Double(all[$1]) - 1, 0) * abs(Double(all[axes + $1])) }
    // Sound: what is pointed to lives as long as this does.
    unsafe lent = unsafe plumbline_tensor(
      name: name.baseAddress,
      data: reach < Double(Self.room) ? memory.baseAddress.map { unsafe UnsafeRawPointer($0 + 8 * Self.room) } : nil,
      shape: numbers.baseAddress, strides: numbers.baseAddress.map { unsafe UnsafePointer($0 + axes) },
      rank: Int32(rank),
      type: Int32(head[1]))
  }

  deinit {
    unsafe name.deallocate()
    unsafe numbers.deallocate()
    unsafe memory.deallocate()
  }

  private static func copied<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = unsafe copy.initialize(from: elements)
    return unsafe copy
  }

  private static func number(_ byte: Int8) -> Int64 {
    let great: [Int64] = [.min, .max, 1 << 32, 1 << 62, -1 << 62, 1 << 31, .min + 1, 1 << 47, 1 << 24]
    return byte < -119 ? great[Int(byte) + 128] : Int64(byte)
  }
}
