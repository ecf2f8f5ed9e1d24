import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

/// Dumps and cases that are the same in every run, which the commands read for a record.
///
/// Written where `PLUMB_DUMPS` names a folder: `.ci/record`.
@Suite struct EngineDumpTests {
  /// A dump holds every activation of the pass, to the bit, under every instruction set.
  @Test(arguments: Engine.InstructionSet.supported) func `a dump holds the engine's bits`(
    _ set: Engine.InstructionSet
  ) throws {
    let bytes = try EngineDump.bytes(instructionSet: set)
    let folder = try TemporaryFolder()
    let path = try folder.file("dump.safetensors", bytes)
    let file = try SafeTensors(path: path)
    var count = 0
    let pass = try Engine.Pass(SeededModel.transformer, threads: 1, instructionSet: set)
    try pass.append(EngineDump.tokens) { name, activation in
      count += 1
      let kept = file[name.description].flatMap { try? Activation<Float>($0, file: path).elements }
      #expect(kept?.map(\.bitPattern) == activation.elements.map(\.bitPattern), "\(name)")
    }
    #expect(file.entries.count == count && count > 0)
    // One element of one projection, doubled.
    let planted = try EngineDump.bytes(instructionSet: set) { name, activation in
      var changed = activation
      if name.description == "blocks.1.up" { changed.elements[5] *= 2 }
      return changed
    }
    #expect(planted != bytes)
    try Self.keep(bytes, "\(set.rawValue)/engine.safetensors")
    try Self.keep(planted, "\(set.rawValue)/planted.safetensors")
  }

  /// A case of each layer that needs no attribute, as the command reads it.
  @Test(arguments: LayerKind.allCases) func `a case is read as it was drawn`(_ layer: LayerKind) throws {
    let cases = try Catalogue.cases(of: layer, count: 12, seed: 7).map(\.source)
    guard let drawn = cases.first(where: { $0.attributes.isEmpty }) else { return }
    var writer = SafeTensorsWriter()
    for (name, tensor) in drawn.tensors.sorted(by: { $0.key < $1.key }) {
      switch tensor {
      case .real(let activation): writer.add(name, shape: activation.shape, activation.elements)
      case .integer(let activation):
        let bytes = activation.elements.flatMap { value in
          stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
        }
        writer.add(name, .i32, shape: activation.shape, bytes: bytes)
      }
    }
    let folder = try TemporaryFolder()
    let file = try SafeTensors(path: folder.file("case.safetensors", writer.bytes()))
    let read = try LayerCase(file, name: "case", layer: layer, attributes: [:])
    #expect(Set(read.tensors.keys) == Set(drawn.tensors.keys))
    for (name, tensor) in drawn.tensors { #expect(Self.bits(read.tensors[name]) == Self.bits(tensor), "\(name)") }
    try Self.keep(writer.bytes(), "layers/\(layer.rawValue).safetensors")
  }

  private static func bits(_ tensor: CaseTensor?) -> [Int] {
    switch tensor {
    case .real(let activation)?: activation.elements.map { Int($0.bitPattern) }
    case .integer(let activation)?: activation.elements
    case nil: []
    }
  }

  private static func keep(_ bytes: [UInt8], _ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["PLUMB_DUMPS"] else { return }
    let url = URL(fileURLWithPath: folder).appending(path: name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url, options: .atomic)
  }
}
