import Testing

@testable import DNNTrain

@Suite struct SHA256Tests {
  /// From the examples to FIPS 180-4 that NIST publishes.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func vectors(message: String, expected: String) {
    var hash = SHA256()
    hash.update(Array(message.utf8))
    #expect(hash.hexadecimal() == expected)
  }

  @Test("a million times the letter a, in pieces that fit no block")
  func million() {
    var hash = SHA256()
    for _ in 0..<1000 { hash.update([UInt8](repeating: 0x61, count: 1000)) }
    #expect(hash.hexadecimal() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("lengths around a block's end: pieces give what the whole gives", arguments: 54...66)
  func pieces(length: Int) {
    let bytes = (0..<length).map { UInt8($0) }
    var (whole, pieces) = (SHA256(), SHA256())
    whole.update(bytes)
    for byte in bytes { pieces.update([byte]) }
    #expect(whole.hexadecimal() == pieces.hexadecimal())
  }
}
