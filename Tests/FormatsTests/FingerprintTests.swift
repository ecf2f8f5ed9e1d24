import PlumbFormats
import PlumbModel
import Testing

@Suite struct FingerprintTests {
  /// The file that `.ci/train` makes, and nothing else: its card names the same.
  @Test func theShippedModelIsTheOneOfItsCard() {
    #expect(LoadedModel.shipped.fingerprint == "6bd289ca58f04c127c4344345adf8f45a3eb5cfcc8c6f97cab681d143d7b8d16")
    #expect(LoadedModel.shipped.name == "plumb-tiny, trained on the text of this package")
  }

  /// By a program of a few lines in Python: SplitMix64, the scalings as the documentation has them, hashlib.
  @Test func theSeededModelIsTheSameEverywhere() {
    #expect(LoadedModel.seeded.fingerprint == "b74481b1d5509abc85c41c5f456baa9502adab0e8fbe3a74e3595ee682243324")
  }

  @Test func everyTensorCountsInItsPlace() throws {
    let original = Fingerprint.of(try TinyLlama.writer().read().transformer())
    for name in TinyLlama.writer().tensors.map(\.name) {
      var writer = TinyLlama.writer()
      writer.change(name) { $0.data[1] ^= 1 }
      #expect(Fingerprint.of(try writer.read().transformer()) != original, "\(name)")
    }
  }

  @Test func theOrderInTheFileDoesNotCount() throws {
    let original = Fingerprint.of(try TinyLlama.writer().read().transformer())
    var writer = TinyLlama.writer()
    writer.tensors.reverse()
    writer.alignment = 128
    writer.set("general.alignment", .uint32(128))
    #expect(Fingerprint.of(try writer.read().transformer()) == original)
  }

  /// SHA-256 of the data of `TinyLlama`, by hashlib: the k-th element in pass order is k/4096 in binary32.
  @Test func itIsSHA256OfTheDataInPassOrder() throws {
    let count = try TinyLlama.writer().read().transformer().tensors.reduce(0) { $0 + $1.count }
    #expect(count == 2608)
    #expect(
      Fingerprint.of(try TinyLlama.writer().read().transformer())
        == "6e4ce06d232ba1228e58d772c004746e43defb866d0e313ed415d0b63cae5345")
  }
}
