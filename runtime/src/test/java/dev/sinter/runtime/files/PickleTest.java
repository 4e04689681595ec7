package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pickles written by hand, an operation a letter, as `pickletools` names them.
class PickleTest {
  private static final String PROTO = "\u0080\2";

  /// A storage of two floats that the file does have.
  private static final String STORAGE =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuK\2tQ";

  @TempDir private Path folder;

  private static Pickled read(String text) throws FormatException {
    return Pickle.read("test", text.getBytes(StandardCharsets.ISO_8859_1), 0);
  }

  private Weights open(String pickle) throws IOException {
    byte[] data = pickle.getBytes(StandardCharsets.ISO_8859_1);
    byte[] zip =
        new ZipBytes().with("a/data.pkl", data, true).with("a/data/0", new byte[8], true).whole();
    return Weights.open(Files.write(folder.resolve("x.pt"), zip));
  }

  private static String tensor(String offset, String sizes, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + STORAGE
        + offset
        + sizes
        + strides
        + "\u0089NtR";
  }

  private static String named(String value) {
    return PROTO + "}X\1\0\0\0w" + value + "s.";
  }

  @Test
  void readsPlainValues() throws IOException {
    assertThat(read(PROTO + "K\7.")).isEqualTo(new Pickled.Whole(7));
    assertThat(read(PROTO + "J\u00fe\u00ff\u00ff\u00ff.")).isEqualTo(new Pickled.Whole(-2));
    assertThat(read(PROTO + "\u008a\2\0\u0080.")).isEqualTo(new Pickled.Whole(-32768));
    assertThat(read(PROTO + "\u008a\0.")).isEqualTo(new Pickled.Whole(0));
    assertThat(read(PROTO + "](K\1K\2e.")).hasToString("Items[values=%s]".formatted(ones()));
    assertThat(read(PROTO + "X\2\0\0\0\u00c3\u00a9.")).isEqualTo(new Pickled.Text("é"));
  }

  private static List<Pickled> ones() {
    return List.of(new Pickled.Whole(1), new Pickled.Whole(2));
  }

  @Test
  void readsATensor() throws IOException {
    try (Weights weights = open(named(tensor("K\0", "K\2\u0085", "K\1\u0085")))) {
      assertThat(weights.tensors().toString()).isEqualTo("{w=f32[2]}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing at all
        "\u0080\2", // ends too early
        "\u0080\1.", // an older protocol
        "(K\1K\2t.", // no protocol
        "\u0080\2.", // nothing on the stack
        "\u0080\2K\1K\2.", // two values
        "\u0080\2(.", // a mark is no value
        "\u0080\2e.", // no mark
        "\u0080\2(K\1e.", // no list below the mark
        "\u0080\2)K\1a.", // a tuple does not grow
        "\u0080\2K\1K\2K\3s.", // no dictionary
        "\u0080\2h\7.", // nothing was remembered
        "\u0080\2X\u00ff\u00ff\u00ff\u007fa.", // a long text
        "\u0080\2\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffa.", // of negative length
        "\u0080\2\u0096\0\0\0\0\0\0\0\u0080.",
        "\u0080\2X\1\0\0\0\u00ff.", // no UTF-8
        "\u0080\2ctorch", // a name without an end
        "\u0080\2K\1)R.", // a call of a number
        "\u0080\2ctorch\nFloatStorage\n)R.", // a call of a type
        "\u0080\2ccollections\nOrderedDict\nK\1R.", // arguments that are none
        "\u0080\2ccollections\nOrderedDict\n(K\1tR.",
        "\u0080\2ctorch._utils\n_rebuild_parameter\n)R.",
        "\u0080\2ctorch._utils\n_rebuild_tensor_v2\n)R.",
        "\u0080\2K\1}b.", // attributes of a number
        "\u0080\2K\1Q.", // a persistent id of another kind
        "\u0080\2I1\n.", // protocol 0
      })
  void whatIsNoPickleOfTensorsIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(FormatException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cbuiltins\neval\n",
        "cnumpy.core.multiarray\nscalar\n",
        "ctorch._utils\n_rebuild_qtensor\n",
        "ctorch\nload\n",
        "\u008c\2os\u008c\6system\u0093",
      })
  void objectsAreNamedThatAreRefused(String text) {
    assertThatThrownBy(() -> read(PROTO + text + "."))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("asks for the Python object `");
  }

  @Test
  void tensorsBeyondTheirMemoryAreRefused() {
    String ten = "J\0\0\0\u007f";
    String large = "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f";
    for (String wrong :
        List.of(
            tensor("K\0", "K\3\u0085", "K\1\u0085"),
            tensor("K\1", "K\2\u0085", "K\1\u0085"),
            tensor("K\0", "K\2\u0085", "K\2\u0085"),
            tensor("K\0", "K\2\u0085", "K\1K\1\u0086"),
            tensor("K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", "K\1\u0085"),
            tensor("J\u00ff\u00ff\u00ff\u00ff", "K\2\u0085", "K\1\u0085"),
            tensor("K\0", large + "\u0085", large + "\u0085"),
            tensor("K\0", ten + ten + "\u0086", "K\0K\0\u0086"),
            tensor(large, "K\1\u0085", "K\1\u0085"))) {
      assertThatThrownBy(() -> open(named(wrong)))
          .as(wrong)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("expected");
    }
    String missing =
        named(
            tensor("K\0", "K\2\u0085", "K\1\u0085")
                .replace("X\1\0\0\0" + "0X", "X\1\0\0\0" + "9X"));
    assertThatThrownBy(() -> open(missing)).hasMessageContaining("a/data/9");
  }

  @Test
  void aFewBytesDoNotBecomeManyValues() {
    // Lists of lists of lists: 2^40 values in two hundred bytes.
    StringBuilder doubled = new StringBuilder(PROTO + "](K\1K\1e");
    for (int i = 0; i < 40; i++) {
      doubled.append("q").append((char) i).append("0](h").append((char) i);
      doubled.append("h").append((char) i).append("e");
    }
    assertThatThrownBy(() -> open(doubled + "."))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("fewer and shallower");
    assertThatThrownBy(() -> open(PROTO + "]q\0h\0a."))
        .as("a list in itself")
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("fewer and shallower");
    // One list of pairs, made a dictionary again and again.
    String pairs = "](" + "K\1K\1\u0086".repeat(50) + "eq\0000";
    String again = "ccollections\nOrderedDict\nh\0\u0085R0";
    assertThatThrownBy(() -> read(PROTO + pairs + again.repeat(1_000) + "K\1."))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("fewer values than bytes");
  }
}
