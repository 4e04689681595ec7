package dev.sinter.codegen.java.kernel;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/// The Java names of a kernel's variables: the kernel's own where they are identifiers and new.
final class JavaNames {
  /// What the fields of a class of kernels may be called.
  private static final Pattern FIELD =
      Pattern.compile("FLOATS|INTS|LANES|LANE_BITS|ORDER|[FI][0-9]+|(FLOAT|INT)_.*");

  private final Map<String, String> names;
  private final Set<String> taken;

  JavaNames() {
    this(new HashMap<>(), new HashSet<>());
  }

  private JavaNames(Map<String, String> names, Set<String> taken) {
    this.names = names;
    this.taken = taken;
  }

  /// These names, to add others to.
  JavaNames copy() {
    return new JavaNames(new HashMap<>(names), new HashSet<>(taken));
  }

  /// The name of a variable, declared before.
  String of(String variable) {
    String name = names.get(variable);
    if (name == null) {
      throw new IllegalArgumentException("undeclared: " + variable);
    }
    return name;
  }

  /// A name for a variable that stays the same from here on.
  String declare(String variable) {
    String name = fresh(variable, "");
    names.put(variable, name);
    return name;
  }

  /// A name such that it and it followed by `also` are new.
  String fresh(String wish, String also) {
    String base = identifier(wish);
    if (FIELD.matcher(base).matches()) {
      base = "v" + base;
    }
    String name = base;
    for (int i = 2; taken.contains(name) || taken.contains(name + also); i++) {
      name = base + i;
    }
    taken.add(name);
    taken.add(name + also);
    return name;
  }

  /// A text as an identifier: other characters end a word, and the next begins with a capital.
  static String identifier(String text) {
    StringBuilder out = new StringBuilder();
    boolean capital = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean fits = c < 128 && (Character.isLetterOrDigit(c) || c == '_');
      if (fits) {
        out.append(capital && !out.isEmpty() ? Character.toUpperCase(c) : c);
      }
      capital = !fits;
    }
    if (out.isEmpty() || Character.isDigit(out.charAt(0))) {
      out.insert(0, 'v');
    }
    String name = out.toString();
    return SourceVersion.isKeyword(name) || name.equals("_") ? name + "_" : name;
  }
}
