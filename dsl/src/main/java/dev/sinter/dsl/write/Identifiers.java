package dev.sinter.dsl.write;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Gives out names that nothing else has.
final class Identifiers {
  /// Longer names are cut at the front, where the names of files repeat themselves.
  private static final int LONGEST = 32;

  private static final List<String> AXES =
      List.of("i", "j", "k", "l", "m", "p", "q", "r", "s", "t", "u", "v", "w");

  private final @Nullable Identifiers outer;
  private final Set<String> reserved;
  private final Set<String> taken = new HashSet<>();

  /// @param reserved words that are no names
  Identifiers(Set<String> reserved) {
    this(null, reserved);
  }

  private Identifiers(@Nullable Identifiers outer, Set<String> reserved) {
    this.outer = outer;
    this.reserved = reserved;
  }

  /// Names inside these, which others beside may have too.
  Identifiers inner() {
    return new Identifiers(this, reserved);
  }

  private boolean isFree(String name) {
    for (Identifiers at = this; at != null; at = at.outer) {
      if (at.taken.contains(name)) {
        return false;
      }
    }
    return !reserved.contains(name);
  }

  /// A name of a value: the same words as `raw`, as far as may be.
  ///
  /// @param kind what begins a name that would begin with a digit
  String value(String raw, String kind) {
    String word = word(raw);
    String base =
        word.isEmpty() || !Character.isLetter(word.charAt(0)) ? (kind + "_" + word) : word;
    return unique(base.endsWith("_") ? base.substring(0, base.length() - 1) : base);
  }

  /// A name of a value that nobody reads.
  String unread(String raw) {
    return unique("_" + word(raw));
  }

  /// A name of a size, or of what else begins with a capital.
  String capital(String raw, String kind) {
    if (raw.matches("[A-Z][A-Za-z0-9_]*") && raw.length() <= LONGEST) {
      return unique(raw);
    }
    StringBuilder out = new StringBuilder();
    for (String part : raw.split("[^A-Za-z0-9]+", -1)) {
      if (!part.isEmpty()) {
        out.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
      }
    }
    boolean letter = !out.isEmpty() && Character.isLetter(out.charAt(0));
    String base = letter ? out.toString() : kind + out;
    return unique(base.substring(0, Math.min(base.length(), LONGEST)));
  }

  /// Letters for the axes of one definition, which no value has now or later.
  List<String> axes(int count) {
    List<String> free = AXES.stream().filter(this::isFreeForAxis).limit(count).toList();
    if (free.size() == count) {
      taken.addAll(free.stream().map(Identifiers::axis).toList());
      return free;
    }
    return java.util.stream.IntStream.range(0, count).mapToObj(i -> "i" + i + "_").toList();
  }

  private boolean isFreeForAxis(String letter) {
    return isFree(letter);
  }

  private static String axis(String letter) {
    return letter + " as an axis";
  }

  private String unique(String base) {
    String name = base;
    for (int i = 1; !isFree(name) || !isFree(axis(name)); i++) {
      name = base + "_" + i;
    }
    taken.add(name);
    return name;
  }

  /// Small letters, digits and underscores.
  private static String word(String raw) {
    String whole = raw.replaceAll("(?i)_output_\\d+", "").replaceAll("^onnx::", "");
    String parted = whole.replaceAll("([a-z0-9])([A-Z][a-z])", "$1_$2");
    String plain = parted.replaceAll("[^A-Za-z0-9]+", "_").toLowerCase(Locale.ROOT);
    String word = plain.replaceAll("_+", "_").replaceAll("^_|_$", "");
    boolean cut = false;
    // A name that lost its beginning does not begin with a number.
    while (word.length() > LONGEST || (cut && word.matches("[0-9].*_.*"))) {
      int end = word.indexOf('_');
      word = end < 0 ? word.substring(word.length() - LONGEST) : word.substring(end + 1);
      cut = true;
    }
    return word;
  }
}
