import Foundation
import PlumbFormats
import PlumbModel
import Testing

@Suite struct GoldenCommandTests {
  private func path(_ folder: TemporaryFolder, _ name: String) -> String {
    folder.url.appending(path: name).path(percentEncoded: false)
  }

  @Test func regenerateCheckAndShowAgree() throws {
    let folder = try TemporaryFolder()
    let place = path(folder, "goldens")
    let first = try Command("golden", "regenerate", "relu", "gate", "--folder", place)
    #expect(first.status == 0 && first.output.contains("2 of 2 files changed"), "\(first.errors)")
    let again = try Command("golden", "regenerate", "relu", "gate", "--folder", place)
    #expect(again.output.contains("0 of 2 files changed"))
    let check = try Command("golden", "check", "relu", "gate", "--folder", place)
    #expect(check.status == 0 && check.errors.isEmpty, "\(check.output)\(check.errors)")
    let show = try Command("golden", "show", "gate/ties", "--folder", place)
    #expect(show.status == 0 && show.output.contains("Float32"), "\(show.errors)")
    #expect(try Command("golden", "show", "gate", "--folder", place).output.contains("gate/ties"))
  }

  /// Other threads and another processor's kernels give the same bytes.
  @Test func theBytesAreThoseOfEveryMachine() throws {
    let folder = try TemporaryFolder()
    let portable = try Command(
      ["golden", "regenerate", "linear", "softmax", "--folder", path(folder, "a")],
      environment: ["PLUMB_ISA": "portable", "LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"])
    let fast = try Command("golden", "regenerate", "linear", "softmax", "--folder", path(folder, "b"))
    #expect(portable.status == 0 && fast.status == 0)
    for name in ["linear.golden", "softmax.golden"] {
      let bytes = try Data(contentsOf: folder.url.appending(path: "a/\(name)"))
      #expect(try Data(contentsOf: folder.url.appending(path: "b/\(name)")) == bytes)
    }
    let difference = try Command("golden", "diff", path(folder, "a"), path(folder, "b"))
    #expect(difference.status == 0 && difference.output == "nothing changed\n")
  }

  @Test func aChangedElementIsNamed() throws {
    let folder = try TemporaryFolder()
    let place = path(folder, "goldens")
    #expect(try Command("golden", "regenerate", "relu", "--folder", place).status == 0)
    let file = folder.url.appending(path: "goldens/relu.golden")
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let output = try #require(lines.firstIndex { $0.hasPrefix("output ") })
    var edited = lines
    edited[output + 2] = "  0x1p+3 | 0x1p+3 | 0x0p+0"
    let bytes = edited.joined(separator: "\n")
    try bytes.write(to: file, atomically: true, encoding: .utf8)
    let damaged = try Command("golden", "check", "relu", "--folder", place)
    #expect(damaged.status == 2 && damaged.errors.contains("was changed after it was written"), "\(damaged.errors)")
    #expect(damaged.errors.split(separator: "\n").count == 1)
    #expect(try String(contentsOf: file, encoding: .utf8) == bytes)

    // Whoever changed it on purpose puts the checksum right.
    let meant = ChecksumLine.plain.sealed(ChecksumLine.plain.content(of: bytes))
    try meant.write(to: file, atomically: true, encoding: .utf8)
    let check = try Command("golden", "check", "relu", "--folder", place)
    #expect(check.status == 1)
    #expect(check.output.contains("line \(output + 3): case 'ordinary' output 'output' [0, 1]"), "\(check.output)")
    #expect(check.output.contains("recorded '0x1p+3 | 0x1p+3 | 0x0p+0'"), "\(check.output)")

    try "plumbline golden 9\n".write(to: file, atomically: true, encoding: .utf8)
    let version = try Command("golden", "check", "relu", "--folder", place)
    #expect(
      version.status == 2 && version.errors.contains("relu.golden, line 1: is of version '9'"), "\(version.errors)")
    #expect(version.errors.split(separator: "\n").count == 1)
    #expect(try Command("golden", "show", "relu", "--folder", place).status == 2)
  }

  @Test func badInputIsStatus2() throws {
    let folder = try TemporaryFolder()
    let place = path(folder, "none")
    for arguments in [
      ["check", "no-such-layer"], ["regenerate", "no-such-layer"], ["show", "no-such-layer/x"],
      ["show", "relu", "--folder", place], ["check", "relu", "--folder", place],
      ["export", path(folder, "e"), "--folder", place],
      ["diff", place, place], ["regenerate", "relu", "--folder", "/proc/no/such"],
    ] {
      let command = try Command(["golden"] + arguments)
      #expect(command.status == 2 && !command.errors.isEmpty, "\(arguments): \(command.output)")
    }
  }

  /// The disk is full after two blocks: the old file stands, and nothing is left behind.
  @Test func aFullDiskLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let place = path(folder, "goldens")
    let old = Data("the old file\n".utf8)
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try old.write(to: folder.url.appending(path: "goldens/relu.golden"))
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let command = "'\(Command.executable.path(percentEncoded: false))' golden regenerate relu --folder '\(place)'"
    process.arguments = ["-c", "trap '' XFSZ; ulimit -f 2; exec \(command) 2>/dev/null"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["relu.golden"])
    #expect(try Data(contentsOf: folder.url.appending(path: "goldens/relu.golden")) == old)
  }

  @Test func aKilledRunLeavesAWholeFile() throws {
    let folder = try TemporaryFolder()
    let place = path(folder, "goldens")
    #expect(try Command("golden", "regenerate", "relu", "--folder", place).status == 0)
    let file = folder.url.appending(path: "goldens/relu.golden")
    let new = try Data(contentsOf: file)
    let old = Data("the old file\n".utf8)
    for delay in [5, 20, 40, 60, 80, 120] as [UInt32] {
      try old.write(to: file)
      let process = Process()
      process.executableURL = Command.executable
      process.arguments = ["golden", "regenerate", "relu", "--folder", place]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      usleep(delay * 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let found = try Data(contentsOf: file)
      #expect(found == old || found == new)
    }
  }

  @Test func theExportNamesEveryTensorAndHoldsItsOwnValues() throws {
    let folder = try TemporaryFolder()
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let goldens = root.appending(path: "Golden").path(percentEncoded: false)
    let command = try Command("golden", "export", path(folder, "out"), "--folder", goldens)
    #expect(command.status == 0, "\(command.errors)")
    let data = try Data(contentsOf: folder.url.appending(path: "out/manifest.json"))
    let manifest = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let cases = try #require(manifest["cases"] as? [[String: Any]])
    #expect(Set(cases.compactMap { $0["layer"] as? String }) == Set(LayerKind.allCases.map(\.rawValue)))
    #expect(Set(cases.compactMap { $0["name"] as? String }).count == cases.count)
    let softmax = try SafeTensors(path: path(folder, "out/softmax.safetensors"))
    var checked = 0
    for entry in cases where entry["layer"] as? String == "softmax" {
      let outputs = try #require(entry["outputs"] as? [String: [String: Any]])
      let output = try #require(outputs["output"])
      let shape = try #require(output["shape"] as? [Int])
      func values(_ part: String) throws -> [Double] {
        let name = try #require(output[part] as? String)
        let tensor = try #require(softmax[name])
        #expect(tensor.shape == shape)
        // Not every Float64 is a Float32, so that the bytes are read here.
        return unsafe tensor.withUnsafeBytes { bytes in
          tensor.type == .f32
            ? (0..<bytes.count / 4).map { unsafe Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
            : (0..<bytes.count / 8).map { unsafe bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
        }
      }
      let (least, expected, greatest) = (try values("least"), try values("expected"), try values("greatest"))
      let (lower, upper) = (try values("lower"), try values("upper"))
      for index in expected.indices where !least[index].isNaN {
        #expect(least[index] <= expected[index] && expected[index] <= greatest[index])
        #expect(lower[index] <= upper[index])
        #expect(abs(expected[index] - lower[index]) <= Double(Float(expected[index]).ulp))
        checked += 1
      }
    }
    #expect(checked > 100)
  }
}
