package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(DType.class)
  void readsWhatItWrote(DType dtype) throws IOException {
    Tensor tensor = Tensor.zeros(dtype, 2, 3);
    for (int i = 0; i < 6; i++) {
      tensor.setLong(i, 1 - i);
    }
    Path file = folder.resolve("x.npy");
    Npy.write(file, tensor);
    Tensor read = Npy.read(file);
    DType expected =
        switch (dtype) {
          case BF16 -> DType.F32;
          case I4 -> DType.I8;
          case U4 -> DType.U8;
          default -> dtype;
        };
    assertThat(read.dtype()).isEqualTo(expected);
    assertThat(read.shape()).containsExactly(2, 3);
    assertThat(read.toDoubleArray()).containsExactly(tensor.toDoubleArray());
  }

  @Test
  void writesTheHeaderThatNumPyWrites() throws IOException {
    assertThat(header(Tensor.of(new float[] {1, 2}, 2)))
        .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }");
    assertThat(header(Tensor.of(new boolean[6], 1, 2, 3)))
        .isEqualTo("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 2, 3), }");
    assertThat(header(Tensor.of(new long[1])))
        .isEqualTo("{'descr': '<i8', 'fortran_order': False, 'shape': (), }");
    assertThat(Files.size(folder.resolve("x.npy"))).isEqualTo(128 + 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void readsEachVersion(int version) throws IOException {
    MemorySegment file =
        file(version, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}\n", 1, 0, 2, 0);
    assertThat(Npy.read(file, "x").toIntArray()).containsExactly(1, 2);
  }

  @Test
  void readsBigEndianAndColumnsFirst() throws IOException {
    MemorySegment big =
        file(
            1,
            "{'shape': (1, 2), 'fortran_order': False, \"descr\": '>i4'}",
            0,
            0,
            0,
            1,
            0xff,
            0xff,
            0xff,
            0xfe);
    assertThat(Npy.read(big, "x").toIntArray()).containsExactly(1, -2);
    byte[] data = new byte[24];
    for (int i = 0; i < 24; i++) {
      data[i] = (byte) i;
    }
    String text = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }";
    Tensor columns = Npy.read(file(1, text, data), "x");
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 4; k++) {
          assertThat(columns.getLong(i * 12 + j * 4 + k)).isEqualTo(i + 2 * j + 6 * k);
        }
      }
    }
    assertThat(
            Npy.read(file(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0), }"), "x")
                .shape())
        .containsExactly(2, 0);
  }

  @Test
  void makesEveryTrueOne() throws IOException {
    MemorySegment file =
        file(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", 0, 1, 0x80);
    Tensor read = Npy.read(file, "x");
    assertThat(read.contentEquals(Tensor.of(new boolean[] {false, true, true}, 3))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} ; expected 12 bytes for f32[3],"
            + " not 8",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} ; expected 4 bytes",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)} ; dtype such as '<f4'",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)} ; expected",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (2,)} ; dtype such as",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)} ; expected descr",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)} ; expected '''",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)} ; expected descr",
        "{'descr': '<f4', 'fortran_order': False} ; expected descr",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)} {} ; end of the header",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2,)} ; once, not 'descr'",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)} ; non-negative",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,2)} ; too large",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,) ; expected",
        "nothing ; expected '{'",
      })
  void doesNotBelieveAHeaderThatLies(String text, String fault) throws IOException {
    MemorySegment file = file(1, text, new byte[8]);
    assertThatThrownBy(() -> Npy.read(file, "lies.npy"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("lies.npy: at byte ")
        .hasMessageContaining(fault);
  }

  @Test
  void refusesWhatIsNoNpyFile() {
    byte[] bytes = new byte[64];
    assertThatThrownBy(() -> Npy.read(MemorySegment.ofArray(bytes), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("NUMPY");
    assertThatThrownBy(() -> Npy.read(file(4, "{}"), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("version 1, 2 or 3, not 4");
    byte[] cut = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 1, 0};
    assertThatThrownBy(() -> Npy.read(MemorySegment.ofArray(cut), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("length of the header");
  }

  private String header(Tensor tensor) throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, tensor);
    byte[] bytes = Files.readAllBytes(file);
    assertThat((bytes[8] & 0xff) + 10).isEqualTo(bytes.length - (int) tensor.bytes());
    assertThat((bytes.length - tensor.bytes()) % 64).isZero();
    String text = new String(bytes, 10, bytes[8] & 0xff, StandardCharsets.ISO_8859_1);
    assertThat(text).endsWith("\n");
    return text.strip();
  }

  private static MemorySegment file(int version, String header, int... data) throws IOException {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    return file(version, header, bytes);
  }

  private static MemorySegment file(int version, String header, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    out.write(header.length());
    out.write(header.length() >> 8);
    if (version > 1) {
      out.write(0);
      out.write(0);
    }
    out.write(header.getBytes(StandardCharsets.ISO_8859_1));
    out.write(data);
    return MemorySegment.ofArray(out.toByteArray());
  }
}
