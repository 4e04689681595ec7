package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  @TempDir private Path folder;

  private static StoredTensor stored(Weights weights, String name) {
    return Objects.requireNonNull(weights.tensors().get(name), name);
  }

  private static double[] values(Weights weights, String name) throws IOException {
    return stored(weights, name).read().toDoubleArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint2.pt", "checkpoint4.pt"})
  void readsACheckpointOfPyTorch(String name) throws IOException {
    try (Weights weights = Weights.open(Fixtures.copy(folder, name))) {
      assertThat(weights.format()).isEqualTo("PyTorch checkpoint");
      assertThat(stored(weights, "model.fc.weight").type()).isEqualTo("f32[2, 3]");
      assertThat(values(weights, "model.fc.weight"))
          .containsExactly(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5);
      assertThat(values(weights, "model.fc.bias")).containsExactly(0.25, -1);
      assertThat(stored(weights, "model.half").dtype()).isEqualTo(DType.F16);
      assertThat(values(weights, "model.half")).containsExactly(1.5, -2);
      assertThat(stored(weights, "model.brain").dtype()).isEqualTo(DType.BF16);
      assertThat(values(weights, "model.brain")).containsExactly(3.5, -0.125);
      assertThat(values(weights, "model.double")).containsExactly(0.1);
      assertThat(stored(weights, "model.long").type()).isEqualTo("i64[]");
      assertThat(values(weights, "model.long")).containsExactly(-7);
      assertThat(values(weights, "model.int")).containsExactly(-8);
      assertThat(values(weights, "model.short")).containsExactly(-9);
      assertThat(values(weights, "model.char")).containsExactly(-10);
      assertThat(values(weights, "model.byte")).containsExactly(250);
      assertThat(stored(weights, "model.bool").type()).isEqualTo("bool[3]");
      assertThat(values(weights, "model.bool")).containsExactly(1, 0, 1);
      assertThat(stored(weights, "model.u16").type()).isEqualTo("u16[2]");
      assertThat(values(weights, "model.u16")).containsExactly(60000, 3);
      assertThat(values(weights, "optimizer.state.0.avg")).containsExactly(1, 2);
    }
  }

  @Test
  void tensorsMayShareMemoryAndLieInItAtStrides() throws IOException {
    try (Weights weights = Weights.open(Fixtures.copy(folder, "checkpoint2.pt"))) {
      assertThat(stored(weights, "model.turned").type()).isEqualTo("f32[3, 4]");
      assertThat(values(weights, "model.turned"))
          .containsExactly(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11);
      assertThat(values(weights, "model.row")).containsExactly(6, 7, 8);
      assertThat(values(weights, "model.spread")).containsExactly(2, 3, 4, 2, 3, 4);
      assertThat(stored(weights, "model.empty").type()).isEqualTo("f32[0, 3]");
      assertThat(values(weights, "model.empty")).isEmpty();
    }
  }

  @Test
  void whatIsNoTensorIsNamedAndNotRead() throws IOException {
    try (Weights weights = Weights.open(Fixtures.copy(folder, "checkpoint2.pt"))) {
      assertThat(weights.tensors()).hasSize(18);
      assertThat(weights.others())
          .containsEntry("epoch", "3")
          .containsEntry("note", "a text")
          .containsEntry("big", "an integer of more than 64 bits")
          .containsEntry("optimizer.param_groups.0.lr", "a real number")
          .containsEntry("optimizer.param_groups.0.amsgrad", "false");
    }
  }

  @Test
  void readsACheckpointOfAMachineWithBytesTheOtherWayRound() throws IOException {
    try (Weights weights = Weights.open(Fixtures.copy(folder, "big.pt"))) {
      assertThat(values(weights, "w")).containsExactly(1, 2.5);
      assertThat(values(weights, "b")).containsExactly(1, 0);
    }
  }

  @Test
  void anyOtherPythonObjectIsRefusedByName() throws IOException {
    Path evil = Fixtures.copy(folder, "evil.pt");
    assertThatThrownBy(() -> Weights.open(evil))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("`posix.system`")
        .hasMessageContaining("torch.save(model.state_dict()");
    Path complex = Fixtures.copy(folder, "complex.pt");
    assertThatThrownBy(() -> Weights.open(complex))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("`torch.ComplexFloatStorage`");
  }

  @Test
  void oldAndForeignFilesAreRefusedWithAWayOut() throws IOException {
    Path old = Fixtures.copy(folder, "old.pt");
    assertThatThrownBy(() -> Weights.open(old))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("before 1.6")
        .hasMessageContaining("torch.save(torch.load(");
    Map<String, String> foreign =
        Map.of("\u0093NUMPY\1\0", "savez", "\u0089HDF\r\n", "HDF5", "GGUF\3\0\0\0", "GGUF");
    for (Map.Entry<String, String> kind : foreign.entrySet()) {
      byte[] bytes = kind.getKey().getBytes(StandardCharsets.ISO_8859_1);
      Path file = Files.write(folder.resolve("foreign"), bytes);
      assertThatThrownBy(() -> Weights.open(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(kind.getValue());
    }
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    assertThatThrownBy(() -> Weights.open(empty)).isInstanceOf(FormatException.class);
    Path zip =
        Files.write(
            folder.resolve("text.zip"), new ZipBytes().with("a.txt", new byte[3], false).whole());
    assertThatThrownBy(() -> Weights.open(zip))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("npz");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "packed.npz"})
  void readsArraysOfNumPy(String name) throws IOException {
    try (Weights weights = Weights.open(Fixtures.copy(folder, name))) {
      assertThat(weights.format()).isEqualTo("NumPy arrays");
      assertThat(stored(weights, "fc.weight").type()).isEqualTo("f32[2, 3]");
      assertThat(values(weights, "fc.weight")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(stored(weights, "columns").type()).isEqualTo("f64[2, 3]");
      assertThat(values(weights, "columns")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(values(weights, "big")).containsExactly(1, 2.5);
      assertThat(stored(weights, "wide").type()).isEqualTo("i64[1, 2]");
      assertThat(values(weights, "wide")).containsExactly(1, -2);
      assertThat(values(weights, "half")).containsExactly(1.5);
      assertThat(values(weights, "flag")).containsExactly(1, 0);
      assertThat(stored(weights, "scalar").type()).isEqualTo("u16[]");
      assertThat(values(weights, "bytes")).containsExactly(200);
      assertThat(values(weights, "empty")).isEmpty();
    }
  }

  /// An npy header, whatever stands behind it.
  private static byte[] npy(String shape, int data) {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }\n".formatted(shape);
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[10 + text.length + data];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0};
    System.arraycopy(magic, 0, bytes, 0, 10);
    System.arraycopy(text, 0, bytes, 10, text.length);
    return bytes;
  }

  @Test
  void whatNobodyAsksForIsNotUnpacked() throws IOException {
    // 64 MiB of zeros in some 64 KiB: its type is known from the first bytes.
    byte[] large = npy("4096, 4096", 64 << 20);
    Path file =
        Files.write(
            folder.resolve("large.npz"), new ZipBytes().with("large.npy", large, false).whole());
    assertThat(Files.size(file)).isLessThan(1 << 17);
    try (Weights weights = Weights.open(file)) {
      assertThat(stored(weights, "large").type()).isEqualTo("f32[4096, 4096]");
      assertThat(stored(weights, "large").read().size()).isEqualTo(1L << 24);
    }
    // A size that no header speaks of is refused before anything is unpacked.
    Path bomb =
        Files.write(
            folder.resolve("bomb.npz"),
            new ZipBytes().with("b.npy", npy("2,", 64 << 20), false).whole());
    assertThatThrownBy(() -> Weights.open(bomb))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected 8 bytes for f32[2]");
  }

  @Test
  void arraysThatDoNotFitTheirChecksumAreRefused() throws IOException {
    byte[] bytes = new ZipBytes().with("a.npy", npy("2,", 8), true).whole();
    // Not its bracket alone, which the time of the entry may hold.
    int data = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("(2,)") + 9;
    bytes[data] ^= 1;
    Path file = Files.write(folder.resolve("a.npz"), bytes);
    try (Weights weights = Weights.open(file)) {
      StoredTensor tensor = stored(weights, "a");
      assertThatThrownBy(tensor::read)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("checksum");
    }
  }

  @Test
  void safetensorsMayLieInShards() throws IOException {
    Path one = folder.resolve("model-1.safetensors");
    Path two = folder.resolve("model-2.safetensors");
    Safetensors.write(one, Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of());
    Safetensors.write(
        two,
        Map.of("b", Tensor.of(new float[] {2}, 1), "c", Tensor.of(new int[] {3}, 1)),
        Map.of());
    Path index =
        Files.writeString(
            folder.resolve("model.safetensors.index.json"),
            """
            {"metadata": {"total_size": 12, "more": [{"x": "}"}, null]},
             "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
            """);
    for (Path path : new Path[] {index, folder}) {
      try (Weights weights = Weights.open(path)) {
        assertThat(weights.format()).isEqualTo("safetensors in 2 shards");
        assertThat(weights.tensors()).containsOnlyKeys("a", "b", "c");
        assertThat(values(weights, "a")).containsExactly(1);
        assertThat(values(weights, "b")).containsExactly(2);
        assertThat(values(weights, "c")).containsExactly(3);
      }
    }
    Files.delete(index);
    assertThatThrownBy(() -> Weights.open(folder)).hasMessageContaining("there are more");
    Files.delete(two);
    try (Weights weights = Weights.open(folder)) {
      assertThat(weights.tensors()).containsOnlyKeys("a");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"weight_map\": {\"a\": \"../outside.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"/etc/passwd\"}}",
        "{\"weight_map\": {\"a\": \"model.safetensors.index.json\"}}",
        "{\"weight_map\": {\"a\": \"missing.safetensors\"}}",
        "{\"weight_map\": {\"b\": \"one.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"one.safetensors\", \"a\": \"one.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"one.safetensors\"}",
        "{\"weight_map\": [",
      })
  void anIndexThatLiesIsRefused(String text) throws IOException {
    Safetensors.write(
        folder.resolve("one.safetensors"), Map.of("a", Tensor.zeros(DType.F32, 1)), Map.of());
    Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), text);
    assertThatThrownBy(() -> Weights.open(index)).isInstanceOf(FormatException.class);
  }

  @Test
  void floatsBecomeOtherFloatsAndIntegersThoseThatHoldThem() throws IOException {
    double[] reals = {0.1, -3.5, 1e30};
    StoredTensor real = stored(Tensor.of(reals, 3));
    assertThat(real.as(DType.F32).read().toDoubleArray())
        .containsExactly((float) 0.1, -3.5, (float) 1e30);
    assertThat(real.as(DType.F64)).isSameAs(real);
    assertThat(real.canBecome(DType.I32)).isFalse();
    StoredTensor whole = stored(Tensor.of(new long[] {-7, 1L << 31}, 2));
    assertThat(whole.canBecome(DType.BOOL)).isFalse();
    assertThatThrownBy(() -> whole.as(DType.I32).read())
        .isInstanceOf(ModelException.class)
        .hasMessage("element 1 of i64[2] is 2147483648, which i32 does not hold");
    assertThatThrownBy(() -> whole.as(DType.U64).read()).isInstanceOf(ModelException.class);
    StoredTensor huge = stored(Tensor.of(DType.U64, new double[] {0x1p63}, 1));
    assertThatThrownBy(() -> huge.as(DType.I64).read())
        .hasMessageContaining("is 9223372036854775808");
    assertThat(stored(Tensor.of(new long[] {-7}, 1)).as(DType.I8).read().toLongArray())
        .containsExactly(-7);
  }

  private static StoredTensor stored(Tensor tensor) {
    return new StoredTensor(tensor.dtype(), tensor.shape(), () -> tensor);
  }
}
