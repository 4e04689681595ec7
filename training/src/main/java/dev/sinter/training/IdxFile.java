package dev.sinter.training;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The IDX format of the MNIST files: two zero bytes, a type, a rank, big-endian sizes, big-endian
/// elements. Source: the description on the MNIST database's page.
final class IdxFile {
  private static final int CHUNK = 1 << 16;

  private IdxFile() {}

  static Tensor read(InputStream in, String file) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int magic = word(data, file, 0);
    DType dtype =
        switch (magic >>> 8) {
          case 0x08 -> DType.U8;
          case 0x09 -> DType.I8;
          case 0x0B -> DType.I16;
          case 0x0C -> DType.I32;
          case 0x0D -> DType.F32;
          case 0x0E -> DType.F64;
          default ->
              throw new DataException(
                  file,
                  "byte 0",
                  "expected an IDX file (00 00, a type of 08 to 0E, a rank), found %08x"
                      .formatted(magic));
        };
    int rank = magic & 0xff;
    if (rank == 0 || rank > 8) {
      throw new DataException(file, "byte 3", "expected a rank of 1 to 8, found " + rank);
    }
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = word(data, file, 4 + 4 * i);
      if (shape[i] < 0) {
        throw new DataException(file, "byte " + (4 + 4 * i), "a size above 2^31");
      }
    }
    long bytes;
    try {
      bytes = dtype.bytes(Shapes.size(shape));
    } catch (ShapeException e) {
      throw new DataException(file, "byte 4", String.valueOf(e.getMessage()));
    }
    if (bytes > DataFile.LIMIT) {
      throw new DataException(file, "byte 4", "the sizes promise " + bytes + " bytes, over 4 GiB");
    }
    return elements(data, file, dtype, shape, bytes);
  }

  private static int word(DataInputStream in, String file, int at) throws IOException {
    try {
      return in.readInt();
    } catch (EOFException e) {
      throw new DataException(file, "byte " + at, "the file ends within its header");
    }
  }

  /// Reads chunk by chunk before it allocates all, so that a header that lies costs no memory.
  private static Tensor elements(
      DataInputStream in, String file, DType dtype, long[] shape, long bytes) throws IOException {
    int width = dtype.bits() / 8;
    byte[] all = new byte[(int) Math.min(bytes, CHUNK)];
    long at = 0;
    var parts = new java.util.ArrayList<byte[]>();
    while (at < bytes) {
      int wanted = (int) Math.min(all.length, bytes - at);
      byte[] part = in.readNBytes(wanted);
      if (part.length < wanted) {
        throw new DataException(
            file,
            "",
            "the header promises " + bytes + " bytes of elements, found " + (at + part.length));
      }
      parts.add(part);
      at += wanted;
    }
    if (in.read() >= 0) {
      throw new DataException(file, "", "more bytes than the header's " + bytes);
    }
    Tensor out = Tensor.allocate(dtype, shape);
    long to = 0;
    for (byte[] part : parts) {
      MemorySegment.copy(part, 0, out.memory(), ValueLayout.JAVA_BYTE, to, part.length);
      to += part.length;
    }
    swap(out.memory(), width, bytes);
    return out;
  }

  private static void swap(MemorySegment memory, int width, long bytes) {
    switch (width) {
      case 2 -> {
        var big = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        var little = big.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < bytes; i += 2) {
          memory.set(little, i, memory.get(big, i));
        }
      }
      case 4 -> {
        var big = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        var little = big.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < bytes; i += 4) {
          memory.set(little, i, memory.get(big, i));
        }
      }
      case 8 -> {
        var big = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        var little = big.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < bytes; i += 8) {
          memory.set(little, i, memory.get(big, i));
        }
      }
      default -> {}
    }
  }
}
