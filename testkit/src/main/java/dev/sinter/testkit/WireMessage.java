package dev.sinter.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A protobuf message written field by field, for tests of what reads them: also a wrong one.
public final class WireMessage {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// A message without fields.
  public WireMessage() {}

  /// Adds an integer.
  public WireMessage number(int field, long value) {
    varint(8L * field);
    varint(value);
    return this;
  }

  /// Adds a 32-bit float.
  public WireMessage real(int field, float value) {
    varint(8L * field + 5);
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  /// Adds bytes.
  public WireMessage bytes(int field, byte[] value) {
    varint(8L * field + 2);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  /// Adds a text.
  public WireMessage text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /// Adds a message.
  public WireMessage message(int field, WireMessage value) {
    return bytes(field, value.bytes());
  }

  /// The bytes so far.
  public byte[] bytes() {
    return out.toByteArray();
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) + 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
