import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

/// Folders that state modelopt's quantisation in a file of its own, as its older versions write them.
@Suite struct ModelOptFileTests {
  private static let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/quantised-modelopt").standardized

  /// Calls `body` with a copy of the fixture whose configuration states nothing, and modelopt's file `text`.
  private func withFolder<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    let folder = URL.temporaryDirectory.appending(path: "modelopt-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = try Data(contentsOf: Self.fixture.appending(path: "config.json"))
    var config = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(config.removeValue(forKey: "quantization_config") != nil)
    try JSONSerialization.data(withJSONObject: config).write(to: folder.appending(path: "config.json"))
    try FileManager.default.copyItem(
      at: Self.fixture.appending(path: "model.safetensors"), to: folder.appending(path: "model.safetensors"))
    try text.write(to: folder.appending(path: "hf_quant_config.json"), atomically: true, encoding: .utf8)
    return try body(folder.path(percentEncoded: false))
  }

  private func file(_ algorithm: String, cache: String = "null") -> String {
    """
    {"producer": {"name": "modelopt", "version": "0.29.0"}, "quantization": {"quant_algo": "\(algorithm)",
     "kv_cache_quant_algo": \(cache), "group_size": 16, "exclude_modules": ["lm_head"]}}
    """
  }

  @Test func theNumbersAreThoseOfTheConfiguration() throws {
    let stated = try LoadedModel.open(path: Self.fixture.path(percentEncoded: false)).transformer.tensors
    let own = try withFolder(file("NVFP4")) { path in
      try LoadedModel.open(path: path).transformer.tensors.map { ($0.name, Engine.decoded($0)) }
    }
    #expect(own.map(\.0) == stated.map(\.name))
    for (tensor, numbers) in zip(stated, own) { #expect(Engine.decoded(tensor) == numbers.1, "\(tensor.name)") }
  }

  @Test(arguments: [
    ("W4A8_AWQ", "null", "key 'quantization.quant_algo' is 'W4A8_AWQ'"),
    ("NVFP4", "\"FP8\"", "key 'quantization.kv_cache_quant_algo' is 'FP8'"),
  ])
  func whatIsNotReadIsNamedWithTheFile(_ algorithm: String, _ cache: String, _ problem: String) throws {
    let error = try withFolder(file(algorithm, cache: cache)) { path in
      try #require(#expect(throws: ModelError.self) { try LoadedModel.open(path: path) })
    }
    #expect("\(error)".contains(problem) && "\(error)".contains("hf_quant_config.json"), "\(error)")
  }

  @Test func aFileWithoutAnObjectIsNamed() throws {
    let error = try withFolder("{\"producer\": {}}") { path in
      try #require(#expect(throws: ModelError.self) { try LoadedModel.open(path: path) })
    }
    #expect("\(error)".contains("hf_quant_config.json: key 'quantization' is null"), "\(error)")
  }
}
