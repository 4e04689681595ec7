package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir private Path folder;

  @Test
  void readsWhatItWrote() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType dtype : DType.values()) {
      Tensor tensor = Tensor.zeros(dtype, 3, 5);
      for (int i = 0; i < 15; i++) {
        tensor.setLong(i, i % 2);
      }
      tensors.put("layer." + dtype + " \"é\"\n", tensor);
    }
    tensors.put("empty", Tensor.zeros(DType.F32, 0, 4));
    tensors.put("scalar", Tensor.of(new double[] {0.1}));
    Path file = folder.resolve("sub/weights.safetensors");
    Safetensors.write(file, tensors, Map.of("format", "sinter", "a\\", "b"));
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.metadata()).isEqualTo(Map.of("format", "sinter", "a\\", "b"));
      assertThat(read.tensors().keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
      tensors.forEach((name, tensor) -> {
        Tensor found = Objects.requireNonNull(read.tensors().get(name));
        assertThat(found.contentEquals(tensor)).as(name).isTrue();
        long element = Math.max(1, tensor.dtype().bits() / 8);
        assertThat(found.memory().address() % element).as(name).isZero();
      });
    }
    try (var files = Files.list(folder.resolve("sub"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void writesTheSameBytesForTheSameTensors() throws IOException {
    Tensor a = Tensor.of(new float[] {1, 2}, 2);
    Tensor b = Tensor.of(new byte[] {3}, 1);
    Map<String, Tensor> forward = new LinkedHashMap<>();
    forward.put("b", b);
    forward.put("a", a);
    Map<String, Tensor> backward = new LinkedHashMap<>();
    backward.put("a", a);
    backward.put("b", b);
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    Safetensors.write(one, forward, Map.of());
    Safetensors.write(other, backward, Map.of());
    assertThat(one).hasSameBinaryContentAs(other);
    byte[] bytes = Files.readAllBytes(one);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(text.substring(8))
        .startsWith(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[8,9]}}   ");
    assertThat((bytes.length - 9) % 64).isZero();
  }

  @Test
  void writesAndReadsNothing() throws IOException {
    Path file = folder.resolve("none");
    Safetensors.write(file, Map.of(), Map.of());
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensors()).isEmpty();
    }
    assertThat(Safetensors.none().tensors()).isEmpty();
  }

  @Test
  void saysThatItsTensorsAreClosed() throws IOException {
    Path file = folder.resolve("closed");
    Safetensors.write(file, Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of());
    Safetensors read = Safetensors.open(file);
    Tensor a = Objects.requireNonNull(read.tensors().get("a"));
    assertThat(a.getDouble(0)).isEqualTo(1);
    read.close();
    assertThatThrownBy(() -> a.getDouble(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this tensor f32[1] was closed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | 12 bytes for f32[3],"
            + " not 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | within 8 bytes of data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | within 8 bytes of"
            + " data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | expected 4 bytes of"
            + " data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | to begin at byte 0",
        "{\"a\":{\"dtype\":\"F8\",\"shape\":[8],\"data_offsets\":[0,8]}} | dtype that Sinter has",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[8],\"data_offsets\":[0,8]},\"a\":{} } | 'a' stands"
            + " twice",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[6],\"data_offsets\":[0,6]},\"b\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[4,8]}}"
            + " | to begin at byte 6",
        "{\"a\":{\"dtype\":\"I8\",\"dtype\":\"I8\",\"shape\":[8],\"data_offsets\":[0,8]}} | once,"
            + " not 'dtype'",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[-8],\"data_offsets\":[0,8]}} | non-negative integer,"
            + " found '-'",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[8.0],\"data_offsets\":[0,8]}} | expected ','",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[08],\"data_offsets\":[0,8]}} | plain integer",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}} | plain"
            + " integer",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | is"
            + " too large",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[[8]],\"data_offsets\":[0,8]}} | non-negative integer",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[8],\"data_offsets\":[0,8]}}} | end of the header",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[8],\"data_offsets\":[0,8]} | the header ends",
        "{\"a\\x\":{}} | expected an escape",
        "{\"a\\u12g4\":{}} | hexadecimal",
        "{\"__metadata__\":{\"k\":\"v\",\"k\":\"w\"}} | 'k' stands twice",
        "{\"__metadata__\":{\"k\":1}} | expected '\"'",
        "[] | expected '{'",
      })
  void doesNotBelieveAHeaderThatLies(String header, String fault) {
    assertThatThrownBy(() -> Safetensors.read(file(header, 8), "lies.safetensors"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("lies.safetensors: at byte ")
        .hasMessageContaining(fault);
  }

  @Test
  void doesNotBelieveALengthThatLies() {
    for (long length : new long[] {0, 1, 100, Long.MAX_VALUE, -1}) {
      byte[] bytes = new byte[60];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      assertThatThrownBy(() -> Safetensors.read(MemorySegment.ofArray(bytes), "x"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("expected a header of 2 to 52 bytes");
    }
    assertThatThrownBy(() -> Safetensors.read(MemorySegment.ofArray(new byte[7]), "x"))
        .isInstanceOf(FormatException.class);
  }

  @Test
  void refusesRanksThatNoTensorHas() {
    List<String> ones = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ones.add("1");
    }
    String header =
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[%s],\"data_offsets\":[0,1]}}"
            .formatted(String.join(",", ones));
    assertThatThrownBy(() -> Safetensors.read(file(header, 1), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("at most 64 dims");
  }

  @Test
  void keepsTheOldFileWhenWritingFails() throws IOException {
    Path file = folder.resolve("kept");
    Safetensors.write(file, Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of());
    Tensor closed = Tensor.allocate(DType.F32, 1);
    closed.close();
    assertThatThrownBy(() -> Safetensors.write(file, Map.of("a", closed), Map.of()))
        .isInstanceOf(IllegalStateException.class);
    try (Safetensors read = Safetensors.open(file);
        var files = Files.list(folder)) {
      assertThat(read.tensors()).containsOnlyKeys("a");
      assertThat(files).containsExactly(file);
    }
  }

  private static MemorySegment file(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    return MemorySegment.ofArray(bytes.array());
  }
}
