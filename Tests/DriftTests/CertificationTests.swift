import Foundation
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbCertification

@Suite struct CertificationTests {
  private let tokens = [80, 108, 117]

  private func pass(_ digits: Int, _ checkpoint: String? = nil) -> CertifiedPass {
    CertifiedPass(model: .seeded, tokens: tokens, digits: digits, checkpoint: checkpoint)
  }

  @Test func `enclosures are as narrow as asked for, and agree whatever the precision`() throws {
    let (some, more) = (try pass(12).certificate(), try pass(60).certificate())
    #expect(more.precision > some.precision)
    for (digits, certificate) in [(12, some), (60, more)] {
      let width = Rational(1, over: Integer(10).power(digits))
      for ball in certificate.logits + certificate.probabilities { #expect(ball.radius * 2 < width) }
    }
    for (wide, narrow) in zip(some.logits + some.probabilities, more.logits + more.probabilities) {
      #expect(wide.overlaps(narrow))
    }
    // The exact probabilities of all tokens add up to 1.
    #expect(more.probabilities.reduce(Ball(0), +).contains(Rational(1)))
  }

  @Test func `a pass goes on from its checkpoint and comes to the same end`() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "pass.checkpoint").path(percentEncoded: false)
    let whole = try pass(20).certificate()
    var calls = 0
    #expect(throws: CertificationError.interrupted(checkpoint: path)) {
      // Within the second block.
      _ = try pass(20, path).certificate(isCancelled: {
        calls += 1
        return calls > 22
      })
    }
    let saved = try String(contentsOfFile: path, encoding: .utf8)
    #expect(saved.contains("\nblocks 1\n"))
    let names = Names()
    let resumed = try pass(20, path).certificate(progress: { names.append($0) })
    #expect(!names.all.contains { $0.contains("blocks.0.") || $0.contains("embedding") })
    #expect(zip(resumed.logits, whole.logits).allSatisfy { $0.description == $1.description })

    // More digits than the checkpoint can give: it begins anew.
    #expect(try pass(90, path).certificate().precision > whole.precision)
    for (line, damage) in [
      (1, "plumbline checkpoint 9"), (2, "fingerprint 0"), (3, "tokens 1"), (4, "precision x"), (5, "blocks 99"),
      (9, "0x1p0 ± -1"), (9, "0x1p9999999 ± 0x1p0"), (9, "one"),
    ] {
      var lines = saved.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      lines[line - 1] = damage
      try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      do {
        _ = try pass(20, path).certificate()
        Issue.record("'\(damage)' was accepted")
      } catch {
        #expect("\(error)".hasPrefix("\(path):\(line): "), "\(error)")
      }
    }
    for count in [0, 1, 40, saved.utf8.count / 2, saved.utf8.count - 1] {
      try Data(saved.utf8.prefix(count)).write(to: URL(filePath: path))
      #expect(throws: CertificationError.self) { try pass(20, path).certificate() }
    }
  }

  /// Logits with the given midpoints and radii, and probabilities with the given ones.
  private func certificate(_ logits: [Ball], _ probabilities: [Ball]) -> Certificate {
    Certificate(tokens: [], precision: 0, digits: 1, logits: logits, probabilities: probabilities)
  }

  @Test func `a choice is proved, refuted or left open`() {
    func ball(_ midpoint: Int, _ radius: Int) -> Ball {
      Ball(midpoint: Rational(Integer(midpoint)), radius: Rational(Integer(radius)))
    }
    // 0 and 3 are apart from all, 1 and 2 overlap.
    let open = certificate([ball(0, 1), ball(20, 2), ball(22, 2), ball(40, 1)], [])
    #expect(open.areLikeliest([3]) == .proved)
    #expect(open.areLikeliest([1]) == .refuted)
    #expect(open.areLikeliest([3, 2]) == .undecided)
    #expect(open.areLikeliest([1, 3]) == .undecided)
    #expect(open.areLikeliest([2, 1]) == .refuted)
    #expect(open.areLikeliest([1, 2, 3]) == .proved)
    #expect(open.areLikeliest([0, 2, 3]) == .refuted)
    #expect(open.areLikeliest([0, 1, 2, 3]) == .proved)
  }

  @Test func `a nucleus is proved, refuted or left open`() {
    func ball(_ hundredths: Int, _ radius: Int) -> Ball {
      Ball(midpoint: Rational(Integer(hundredths), over: 100), radius: Rational(Integer(radius), over: 100))
    }
    let logits = [3, 2, 1, 0].map { Ball(Rational(Integer($0))) }
    let sharp = certificate(logits, [ball(50, 0), ball(30, 0), ball(15, 0), ball(5, 0)])
    #expect(sharp.areNucleus([0, 1], of: "0.75") == .proved)
    #expect(sharp.areNucleus([0, 1, 2], of: "0.75") == .refuted)
    // Exactly reached is reached.
    #expect(sharp.areNucleus([0, 1], of: "0.8") == .proved)
    #expect(sharp.areNucleus([0, 1, 2, 3], of: 1) == .proved)
    let blurred = certificate(logits, [ball(50, 1), ball(30, 1), ball(15, 1), ball(5, 1)])
    #expect(blurred.areNucleus([0, 1], of: "0.75") == .proved)
    #expect(blurred.areNucleus([0, 1], of: "0.79") == .undecided)
    #expect(blurred.areNucleus([0, 1], of: "0.81") == .undecided)
    #expect(blurred.areNucleus([0, 1], of: "0.83") == .refuted)
  }
}

/// The names that progress has said, from any thread.
private final class Names: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []

  func append(_ line: String) { lock.withLock { lines.append(line) } }
  var all: [String] { lock.withLock { lines } }
}

/// A folder that goes away with its owner.
private final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "plumbline-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }
}
