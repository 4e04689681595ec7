package dev.sinter.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
  private static final Field PAIR = new Field("x", DType.F32, List.of(2L), "");
  private static final Field WINDOW = new Field("text", DType.I32, List.of(4L), "");

  @TempDir private Path folder;

  @Test
  void readsNpy() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(new double[] {1, 2, 3, 4}, 2, 2));
    Tensor read = DataFile.read(new DataBinding("x", file, ""), PAIR);
    assertThat(read.type()).isEqualTo("f32[2, 2]");
    assertThat(read.toFloatArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void refusesTruncatedNpyAndOneOfOtherExamples() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(new float[6], 2, 3));
    assertThatThrownBy(() -> DataFile.read(new DataBinding("x", file, ""), PAIR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("f32[2, 3]");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, 9, 40, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> DataFile.read(new DataBinding("x", cut, ""), PAIR))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cut.npy");
    }
  }

  @Test
  void refusesAScalarAsExamples() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(new float[] {1}));
    assertThatThrownBy(() -> DataFile.read(new DataBinding("x", file, ""), PAIR))
        .isInstanceOf(DataException.class);
  }

  @Test
  void cutsATextIntoWindowsThatShareAByte() throws IOException {
    Tensor windows = text("abcdefghi");
    assertThat(windows.type()).isEqualTo("i32[2, 4]");
    assertThat(windows.toIntArray()).containsExactly('a', 'b', 'c', 'd', 'd', 'e', 'f', 'g');
  }

  @Test
  void refusesATextThatFillsNoWindow() {
    assertThatThrownBy(() -> text("abc")).hasMessageContaining("at least 4 bytes of text, found 3");
    assertThatThrownBy(() -> text("")).isInstanceOf(DataException.class);
  }

  @Test
  void readsATextAsWindowsOfIntegersOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "some text");
    assertThatThrownBy(() -> DataFile.read(new DataBinding("x", file, ""), PAIR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("windows of integers");
  }

  @Test
  void knowsPartsInCsvOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "some text");
    assertThatThrownBy(() -> DataFile.read(new DataBinding("text", file, "0..3"), WINDOW))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("#0..3");
  }

  @Test
  void readsBindingsAsTheCommandLineHasThem() {
    Path at = Path.of("/data");
    assertThat(DataBinding.parse("image=train.csv#0..64", at))
        .isEqualTo(new DataBinding("image", Path.of("/data/train.csv"), "0..64"));
    assertThat(DataBinding.parse("image=/else/a=b.idx", at))
        .isEqualTo(new DataBinding("image", Path.of("/else/a=b.idx"), ""));
    for (String wrong : new String[] {"", "image", "=file", "image="}) {
      assertThatThrownBy(() -> DataBinding.parse(wrong, at))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected NAME=FILE");
    }
  }

  @Test
  void bindsEveryFieldOnce() throws IOException {
    Path x = Files.writeString(folder.resolve("x.csv"), "1,2\n3,4\n");
    Path shorter = Files.writeString(folder.resolve("y.csv"), "1,2\n");
    Field y = new Field("y", DType.F32, List.of(2L), "");
    DataBinding first = new DataBinding("x", x, "");
    assertThat(Dataset.read(List.of(PAIR), List.of(first)).examples()).isEqualTo(2);
    assertThatThrownBy(() -> Dataset.read(List.of(PAIR, y), List.of(first)))
        .hasMessageContaining("no file for y");
    assertThatThrownBy(() -> Dataset.read(List.of(PAIR), List.of(first, first)))
        .hasMessageContaining("x is bound to two files");
    assertThatThrownBy(
            () -> Dataset.read(List.of(PAIR), List.of(first, new DataBinding("z", x, ""))))
        .hasMessageContaining("bound to z");
    assertThatThrownBy(
            () -> Dataset.read(List.of(PAIR, y), List.of(first, new DataBinding("y", shorter, ""))))
        .hasMessageContaining("different numbers of examples")
        .hasMessageContaining("2 in")
        .hasMessageContaining("1 in");
  }

  private Tensor text(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), content);
    return DataFile.read(new DataBinding("text", file, ""), WINDOW);
  }
}
