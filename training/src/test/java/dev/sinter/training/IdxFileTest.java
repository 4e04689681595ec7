package dev.sinter.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {
  private static final Field PIXELS = new Field("image", DType.F32, List.of(2L, 2L), "");

  @TempDir private Path folder;

  @Test
  void readsBytesAsTheFieldsType() throws IOException {
    Tensor images = read(idx(0x08, new int[] {2, 2, 2}, new byte[] {0, 1, 2, 3, 4, 5, 6, -1}));
    assertThat(images.type()).isEqualTo("f32[2, 2, 2]");
    assertThat(images.toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5, 6, 255);
  }

  @Test
  void readsWiderElementsWithTheirHighByteFirst() throws IOException {
    byte[] shorts =
        ByteBuffer.allocate(8).putShort((short) 258).putShort((short) -1).putInt(7).array();
    assertThat(read(idx(0x0B, new int[] {1, 2, 2}, shorts)).toFloatArray())
        .containsExactly(258, -1, 0, 7);
    byte[] floats =
        ByteBuffer.allocate(16).putFloat(0.5f).putFloat(-2).putFloat(1e30f).putFloat(0).array();
    assertThat(read(idx(0x0D, new int[] {1, 2, 2}, floats)).toFloatArray())
        .containsExactly(0.5f, -2, 1e30f, 0);
    byte[] doubles =
        ByteBuffer.allocate(32).putDouble(0.25).putDouble(3).putDouble(4).putDouble(5).array();
    assertThat(read(idx(0x0E, new int[] {1, 2, 2}, doubles)).toFloatArray())
        .containsExactly(0.25f, 3, 4, 5);
  }

  @Test
  void readsGzip() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(idx(0x08, new int[] {1, 2, 2}, new byte[] {1, 2, 3, 4}));
    }
    Path file = Files.write(folder.resolve("images.gz"), packed.toByteArray());
    assertThat(DataFile.read(new DataBinding("image", file, ""), PIXELS).toFloatArray())
        .containsExactly(1, 2, 3, 4);
  }

  @Test
  void takesAnyGroupingOfTheSameElements() throws IOException {
    Tensor flat = read(idx(0x08, new int[] {2, 4}, new byte[8]));
    assertThat(flat.type()).isEqualTo("f32[2, 2, 2]");
  }

  @Test
  void refusesOtherExamples() {
    assertThatThrownBy(() -> read(idx(0x08, new int[] {2, 3}, new byte[6])))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected examples of image")
        .hasMessageContaining("u8[2, 3]");
  }

  @Test
  void refusesEveryTruncatedFile() throws IOException {
    byte[] whole = idx(0x08, new int[] {2, 2, 2}, new byte[8]);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(part)).as("%d bytes", length).isInstanceOf(DataException.class);
    }
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length - 3)))
        .hasMessageContaining("the header promises 8 bytes of elements, found 5");
  }

  @Test
  void refusesBytesBehindTheElements() {
    assertThatThrownBy(() -> read(idx(0x08, new int[] {1, 2, 2}, new byte[5])))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("more bytes");
  }

  @Test
  void refusesAHeaderThatPromisesMoreThanThereIsWithoutTakingTheMemory() {
    assertThatThrownBy(() -> read(idx(0x08, new int[] {1 << 30, 1, 3}, new byte[8])))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found 8");
    int most = Integer.MAX_VALUE;
    assertThatThrownBy(() -> read(idx(0x0E, new int[] {most, most, most}, new byte[8])))
        .isInstanceOf(DataException.class);
    assertThatThrownBy(() -> read(idx(0x08, new int[] {-5, 2, 2}, new byte[8])))
        .isInstanceOf(DataException.class);
  }

  @Test
  void refusesOtherKindsOfFile() {
    assertThatThrownBy(
            () -> read("PK\3\4 something".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected an IDX file");
    assertThatThrownBy(() -> read(idx(0x08, new int[0], new byte[1])))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rank");
  }

  @Test
  void refusesBrokenGzip() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(idx(0x08, new int[] {1, 2, 2}, new byte[] {1, 2, 3, 4}));
    }
    byte[] half = Arrays.copyOf(packed.toByteArray(), packed.size() / 2);
    Path cut = Files.write(folder.resolve("cut.gz"), half);
    assertThatThrownBy(() -> DataFile.read(new DataBinding("image", cut, ""), PIXELS))
        .isInstanceOf(DataException.class);
    Path none = Files.write(folder.resolve("none.gz"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> DataFile.read(new DataBinding("image", none, ""), PIXELS))
        .isInstanceOf(DataException.class);
  }

  private Tensor read(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("images-idx3-ubyte"), content);
    return DataFile.read(new DataBinding("image", file, ""), PIXELS);
  }

  static byte[] idx(int type, int[] shape, byte[] elements) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + elements.length);
    bytes.put((byte) 0).put((byte) 0).put((byte) type).put((byte) shape.length);
    for (int size : shape) {
      bytes.putInt(size);
    }
    return bytes.put(elements).array();
  }
}
