import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts text into the pieces of words that BERT knows by number: without accents and capitals,
/// words at spaces and punctuation, and of each word the longest known piece first.
///
/// @param pieces what a `tokenizer.json` lists; a piece inside a word begins with `##`
record WordPiece(Map<String, Integer> pieces) {
  private static final Pattern ENTRY =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"\\s*+:\\s*+(\\d++)");
  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

  /// A longer word is unknown as a whole.
  private static final int LONGEST_WORD = 100;

  /// Reads the `vocab` of a `tokenizer.json`.
  static WordPiece read(Path file) throws IOException {
    String text = Files.readString(file);
    Map<String, Integer> pieces = new HashMap<>();
    Matcher entry = ENTRY.matcher(text);
    for (int at = text.indexOf("\"vocab\"") + 7; entry.find(at); at = entry.end()) {
      pieces.put(unescape(entry.group(1)), Integer.valueOf(entry.group(2)));
    }
    return new WordPiece(pieces);
  }

  /// The numbers of the pieces of `text` between those of `[CLS]` and `[SEP]`, `limit` at most.
  long[] encode(String text, int limit) {
    List<Integer> ids = new ArrayList<>();
    words(text).forEach(word -> cut(word, ids));
    int count = Math.min(ids.size(), limit - 2);
    long[] encoded = new long[count + 2];
    encoded[0] = pieces.get("[CLS]");
    for (int i = 0; i < count; i++) {
      encoded[i + 1] = ids.get(i);
    }
    encoded[count + 1] = pieces.get("[SEP]");
    return encoded;
  }

  private static List<String> words(String text) {
    StringBuilder spaced = new StringBuilder();
    String plain = Normalizer.normalize(text, Normalizer.Form.NFD).toLowerCase(Locale.ROOT);
    plain
        .codePoints()
        .forEach(c -> {
          if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
            spaced.append(' ');
          } else if (isPunctuation(c) || Character.isIdeographic(c)) {
            spaced.append(' ').appendCodePoint(c).append(' ');
          } else if (isKept(c)) {
            spaced.appendCodePoint(c);
          }
        });
    return List.of(spaced.toString().strip().split(" +"));
  }

  private static boolean isKept(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.CONTROL,
          Character.FORMAT,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> c != 0xfffd;
    };
  }

  /// All signs of ASCII count, such as `$` and `^`, which Unicode calls symbols.
  private static boolean isPunctuation(int c) {
    if (c < 128) {
      return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private void cut(String word, List<Integer> ids) {
    int before = ids.size();
    int end = word.length();
    for (int start = 0; start < word.length(); start = end) {
      Integer id = null;
      for (end = word.length(); end > start; end--) {
        id = pieces.get((start == 0 ? "" : "##") + word.substring(start, end));
        if (id != null) {
          break;
        }
      }
      if (id == null || word.codePointCount(0, word.length()) > LONGEST_WORD) {
        ids.subList(before, ids.size()).clear();
        ids.add(pieces.get("[UNK]"));
        return;
      }
      ids.add(id);
    }
  }

  private static String unescape(String json) {
    return ESCAPE
        .matcher(json)
        .replaceAll(found -> {
          String code = found.group(1);
          String text =
              code == null ? found.group(2) : String.valueOf((char) Integer.parseInt(code, 16));
          return Matcher.quoteReplacement(text);
        });
  }
}
