package dev.sinter.onnx.model;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The fields of a message that is to be written: the bytes of tensors stay where they are until
/// then.
final class WireFields {
  private final List<Field> fields = new ArrayList<>();
  private long size;

  /// A field that knows its size.
  private interface Field {
    void write(CodedOutputStream out) throws IOException;
  }

  /// How many bytes the message has.
  long size() {
    return size;
  }

  private void add(long bytes, Field field) {
    size += bytes;
    fields.add(field);
  }

  WireFields integer(int number, long value) {
    add(CodedOutputStream.computeInt64Size(number, value), out -> out.writeInt64(number, value));
    return this;
  }

  WireFields real(int number, float value) {
    add(CodedOutputStream.computeFloatSize(number, value), out -> out.writeFloat(number, value));
    return this;
  }

  WireFields real(int number, double value) {
    add(CodedOutputStream.computeDoubleSize(number, value), out -> out.writeDouble(number, value));
    return this;
  }

  WireFields text(int number, String value) {
    return bytes(number, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
  }

  /// A text that is left out where it is empty.
  WireFields some(int number, String value) {
    return value.isEmpty() ? this : text(number, value);
  }

  WireFields bytes(int number, ByteBuffer value) {
    ByteBuffer view = value.slice();
    int length = view.remaining();
    add(
        head(number, length) + length,
        out -> {
          begin(out, number, length);
          out.writeLazy(view.duplicate());
        });
    return this;
  }

  WireFields message(int number, WireFields value) {
    long length = value.size;
    add(
        head(number, length) + length,
        out -> {
          begin(out, number, length);
          value.write(out);
        });
    return this;
  }

  private static int head(int number, long length) {
    return CodedOutputStream.computeTagSize(number)
        + CodedOutputStream.computeUInt64SizeNoTag(length);
  }

  private static void begin(CodedOutputStream out, int number, long length) throws IOException {
    out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt64NoTag(length);
  }

  void write(CodedOutputStream out) throws IOException {
    for (Field field : fields) {
      field.write(out);
    }
  }
}
