package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A single array in a file, as NumPy writes it (NEP 1 and numpy.lib.format): versions 1 to 3,
/// either byte order, rows or columns first.
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 0xffff;

  /// The bytes of the longest header, and of what stands before it.
  static final int MAX_PREFIX = 12 + MAX_HEADER;

  private static final int MAX_RANK = 64;

  private Npy() {}

  /// Reads a file into a tensor of its own.
  ///
  /// @throws FormatException when it is not an npy file, has a dtype that Sinter has not, or is too
  ///   short or too long
  public static Tensor read(Path path) throws IOException {
    try (MappedFile file = MappedFile.open(path)) {
      return read(file.segment(), path.toString());
    }
  }

  /// Reads what lies in memory; `source` names it in faults.
  ///
  /// @throws FormatException when it is not an npy file, has a dtype that Sinter has not, or is too
  ///   short or too long
  public static Tensor read(MemorySegment memory, String source) throws FormatException {
    Header header = header(memory, memory.byteSize(), source);
    return header.tensor(memory.asSlice(header.begin));
  }

  /// Reads the header, which lies in the first [#MAX_PREFIX] bytes.
  ///
  /// @param size the bytes of the whole file
  /// @throws FormatException when it is no such header, or has a dtype that Sinter has not, or the
  ///   file is too short or too long for it
  static Header header(MemorySegment memory, long size, String source) throws FormatException {
    if (memory.byteSize() < 10
        || MemorySegment.mismatch(memory, 0, 6, MemorySegment.ofArray(MAGIC), 0, 6) >= 0) {
      throw new FormatException(source, 0, "expected the first bytes of an npy file, \\x93NUMPY");
    }
    int version = memory.get(ValueLayout.JAVA_BYTE, 6);
    if (version < 1 || version > 3) {
      throw new FormatException(source, 6, "expected version 1, 2 or 3, not " + version);
    }
    int begin = version == 1 ? 10 : 12;
    long length = littleEndian(memory, 8, begin - 8, source);
    if (length > MAX_HEADER || length > memory.byteSize() - begin) {
      throw new FormatException(
          source,
          8,
          "expected a header of at most %d bytes, not %d"
              .formatted(Math.min(MAX_HEADER, memory.byteSize() - begin), length));
    }
    byte[] text = memory.asSlice(begin, length).toArray(ValueLayout.JAVA_BYTE);
    Header header = Header.parse(new HeaderScanner(source, text, begin), begin + length);
    long bytes = header.bytes(source, begin);
    if (size - header.begin != bytes) {
      throw new FormatException(
          source,
          begin + length,
          "expected %d bytes for %s%s, not %d"
              .formatted(bytes, header.dtype, header.shape, size - header.begin));
    }
    return header;
  }

  /// Writes a tensor to a file, whole or not at all. A dtype that npy has not is widened: `bf16` to
  /// `f32`, `i4` to `i8`, `u4` to `u8`.
  public static void write(Path path, Tensor tensor) throws IOException {
    Tensor plain = widened(tensor);
    String code = plain.dtype().npyCode().orElseThrow();
    String order = plain.dtype().bits() == 8 ? "|" : "<";
    StringBuilder shape = new StringBuilder();
    for (int axis = 0; axis < plain.rank(); axis++) {
      shape.append(plain.dim(axis)).append(axis == plain.rank() - 1 && axis > 0 ? "" : ",");
      shape.append(axis < plain.rank() - 1 ? " " : "");
    }
    String text =
        "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }".formatted(order, code, shape);
    int padded = Math.ceilDiv(10 + text.length() + 1, 64) * 64 - 10;
    ByteBuffer header = ByteBuffer.allocate(10 + padded);
    header.put(MAGIC).put((byte) 1).put((byte) 0).put((byte) padded).put((byte) (padded >> 8));
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    header.put((byte) '\n').flip();
    AtomicFile.write(
        path,
        channel -> {
          while (header.hasRemaining()) {
            channel.write(header);
          }
          long chunk = 1 << 24;
          for (long at = 0; at < plain.bytes(); at += chunk) {
            long size = Math.min(chunk, plain.bytes() - at);
            ByteBuffer bytes = plain.memory().asSlice(at, size).asByteBuffer();
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          }
        });
  }

  private static Tensor widened(Tensor tensor) {
    DType wide =
        switch (tensor.dtype()) {
          case BF16 -> DType.F32;
          case I4 -> DType.I8;
          case U4 -> DType.U8;
          case F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, BOOL -> tensor.dtype();
        };
    if (wide == tensor.dtype()) {
      return tensor;
    }
    Tensor result = Tensor.zeros(wide, tensor.shape());
    for (long i = 0; i < tensor.size(); i++) {
      result.setDouble(i, tensor.getDouble(i));
    }
    return result;
  }

  private static long littleEndian(MemorySegment memory, int at, int bytes, String source)
      throws FormatException {
    if (memory.byteSize() < at + bytes) {
      throw new FormatException(source, memory.byteSize(), "expected the length of the header");
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (memory.get(ValueLayout.JAVA_BYTE, at + i) & 0xff);
    }
    return value;
  }

  /// What the header says.
  ///
  /// @param begin where the data begin
  record Header(
      DType dtype, boolean bigEndian, boolean columnsFirst, List<Long> shape, long begin) {
    private static Header parse(HeaderScanner scanner, long begin) throws FormatException {
      String descr = "";
      String order = "";
      List<Long> shape = null;
      scanner.expect('{');
      while (!scanner.take('}')) {
        String key = scanner.pythonString();
        scanner.expect(':');
        if (key.equals("descr") && descr.isEmpty()) {
          descr = scanner.pythonString();
        } else if (key.equals("fortran_order") && order.isEmpty()) {
          order = scanner.word();
        } else if (key.equals("shape") && shape == null) {
          shape = shape(scanner);
        } else {
          throw scanner.fault("expected descr, fortran_order and shape once, not '" + key + "'");
        }
        if (!scanner.take(',')) {
          scanner.expect('}');
          break;
        }
      }
      scanner.expectEnd();
      if (shape == null || descr.isEmpty() || !(order.equals("True") || order.equals("False"))) {
        throw scanner.fault("expected descr, fortran_order and shape");
      }
      return new Header(
          dtype(descr, scanner), descr.charAt(0) == '>', order.equals("True"), shape, begin);
    }

    private long bytes(String source, long at) throws FormatException {
      try {
        return dtype.bytes(Shapes.size(dims()));
      } catch (ShapeException e) {
        throw new FormatException(source, at, "expected a shape of an array: " + e.getMessage());
      }
    }

    /// The tensor whose elements lie in `data`, as a copy.
    Tensor tensor(MemorySegment data) {
      Tensor tensor = Tensor.zeros(dtype, dims());
      int width = dtype.bits() / 8;
      if (!columnsFirst || shape.size() < 2) {
        tensor.memory().copyFrom(data);
      } else {
        Strided.columns(dims(), width).copy(data, tensor.memory());
      }
      if (bigEndian && width > 1) {
        Strided.reverse(tensor.memory(), width);
      }
      if (dtype == DType.BOOL) {
        for (long i = 0; i < tensor.size(); i++) {
          tensor.setLong(i, tensor.getLong(i));
        }
      }
      return tensor;
    }

    long[] dims() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private static DType dtype(String descr, HeaderScanner scanner) throws FormatException {
      char order = descr.charAt(0);
      DType dtype = DType.ofNpyCode(descr.substring(1)).orElse(null);
      if (dtype == null || "<>|".indexOf(order) < 0 || (order == '|' && dtype.bits() > 8)) {
        throw scanner.fault("expected a dtype such as '<f4' that Sinter has, not '" + descr + "'");
      }
      return dtype;
    }

    private static List<Long> shape(HeaderScanner scanner) throws FormatException {
      List<Long> shape = new ArrayList<>();
      scanner.expect('(');
      while (!scanner.take(')')) {
        if (shape.size() == MAX_RANK) {
          throw scanner.fault("expected at most %d dims".formatted(MAX_RANK));
        }
        shape.add(scanner.integer());
        if (!scanner.take(',')) {
          scanner.expect(')');
          break;
        }
      }
      return shape;
    }
  }
}
