package dev.sinter.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
  private static final Field PAIR = new Field("x", DType.F32, List.of(2L), "");
  private static final Field LABEL = new Field("label", DType.I32, List.of(), "");

  @TempDir private Path folder;

  @Test
  void readsTheColumnsThatThePartNames() throws IOException {
    String text = "1,2.5,7\n3,-4e2,8\n";
    assertThat(read(text, "0..2", PAIR).toFloatArray()).containsExactly(1, 2.5f, 3, -400);
    assertThat(read(text, "2", LABEL).toIntArray()).containsExactly(7, 8);
    assertThat(read(text, "2", LABEL).type()).isEqualTo("i32[2]");
  }

  @Test
  void readsAllColumnsWithoutAPart() throws IOException {
    assertThat(read("1,2\n3,4", "", PAIR).toFloatArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void skipsAHeaderAndKnowsQuotesAndSpaces() throws IOException {
    assertThat(read("a,b\r\n\"1\", 2\r\n3,4\r\n", "", PAIR).toFloatArray())
        .containsExactly(1, 2, 3, 4);
  }

  @Test
  void namesLineAndColumnOfWhatIsNoNumber() {
    assertThatThrownBy(() -> read("1,2\n3,four\n", "", PAIR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2, column 1")
        .hasMessageContaining("\"four\"");
  }

  @Test
  void refusesWhatAnIntegerCannotHold() {
    assertThatThrownBy(() -> read("1.5\n", "", LABEL)).hasMessageContaining("i32");
    assertThatThrownBy(() -> read("3000000000\n", "", LABEL)).hasMessageContaining("i32");
    assertThatThrownBy(() -> read("NaN\n1\n", "", LABEL)).hasMessageContaining("i32");
  }

  @Test
  void refusesLinesOfOtherWidths() {
    assertThatThrownBy(() -> read("1,2\n3\n", "", PAIR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2: expected 2 columns as before, found 1");
  }

  @Test
  void refusesPartsThatAreNotThere() {
    assertThatThrownBy(() -> read("1,2\n", "5..7", PAIR)).hasMessageContaining("5..7");
    assertThatThrownBy(() -> read("1,2\n", "0", PAIR)).hasMessageContaining("needs 2 columns");
    assertThatThrownBy(() -> read("1,2\n", "x..y", PAIR)).hasMessageContaining("#x..y");
    assertThatThrownBy(() -> read("1,2,3\n", "", PAIR)).hasMessageContaining("the file has 3");
  }

  @Test
  void refusesAFileWithoutExamples() {
    assertThatThrownBy(() -> read("", "", PAIR)).hasMessageContaining("no examples");
    assertThatThrownBy(() -> read("a,b\n", "", PAIR)).hasMessageContaining("no examples");
  }

  @Test
  void refusesAFieldWithoutEndInBoundedMemory() {
    String endless = "\"" + "1".repeat(3 << 20);
    assertThatThrownBy(() -> read(endless, "", LABEL)).isInstanceOf(DataException.class);
  }

  @Test
  void saysWhichFileIsMissing() {
    Path none = folder.resolve("none.csv");
    assertThatThrownBy(() -> DataFile.read(new DataBinding("x", none, ""), PAIR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none.csv: no such file (for x)");
  }

  private Tensor read(String text, String part, Field field) throws IOException {
    Path file = Files.writeString(folder.resolve("table.csv"), text);
    return DataFile.read(new DataBinding(field.name(), file, part), field);
  }
}
