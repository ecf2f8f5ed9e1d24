import Foundation
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The other end of `plumb fuzz LAYER --engine`: reads requests, and writes the replies of a kernel.
package enum EngineServer {
  /// Answers every request on the standard input with what `kernel` computes, until there are no more.
  ///
  /// - Throws: what `kernel` throws, `CaseFileError` or `CaseError` for a request that is no case.
  package static func serve(_ kernel: (CheckedCase) throws -> Activation<Float>) throws {
    try serve(reading: { request in
      let file = try SafeTensors(bytes: WeightArray(request), file: "request")
      let output = try kernel(try CheckedCase(try LayerCase(file, name: "request")))
      var writer = SafeTensorsWriter()
      writer.add("output", shape: output.shape, output.elements)
      return writer.bytes()
    })
  }

  /// Answers every request on the standard input with the bytes that `answer` makes of its bytes.
  package static func serve(reading answer: ([UInt8]) throws -> [UInt8]) throws {
    let (input, output) = (FileHandle.standardInput, FileHandle.standardOutput)
    try serve(
      read: { [UInt8](try input.read(upToCount: $0) ?? Data()) }, write: { try output.write(contentsOf: $0) }, answer)
  }

  /// The most bytes that are asked for at a time: a length is believed only as far as bytes arrive.
  private static let greatestRead = 1 << 20

  /// Answers every request that `read` gives, up to as many bytes as it is asked for and none at the end, through `write`.
  package static func serve(
    read: (Int) throws -> [UInt8], write: ([UInt8]) throws -> Void, _ answer: ([UInt8]) throws -> [UInt8]
  ) throws {
    while let head = try bytes(8, read), let length = Int(exactly: EngineFrame.length(head[...])),
      let request = try bytes(length, read)
    {
      try write(EngineFrame.framed(try answer(request)))
    }
  }

  /// The next `count` bytes; `nil` where the input ends before them.
  private static func bytes(_ count: Int, _ read: (Int) throws -> [UInt8]) throws -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try read(min(count - bytes.count, greatestRead))
      if more.isEmpty { return nil }
      bytes += more
    }
    return bytes
  }
}
