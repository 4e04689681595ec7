package dev.sinter.codegen.java;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.SourceVersion;

/// A scope of Java identifiers made from arbitrary names: each is legal, made of ASCII letters and
/// digits, and given once.
///
/// Words are cut at everything that is no letter or digit: `fc.weight` is `fcWeight`.
public final class JavaNames {
  /// The longest identifier that is made; the class-file format ends at 65,535 bytes, readers
  /// earlier.
  private static final int LONGEST = 80;

  /// Names of `java.lang` that generated classes use, and methods that every object has.
  private static final Set<String> TAKEN_TYPES =
      Set.of(
          "Object",
          "String",
          "Override",
          "Math",
          "System",
          "Class",
          "Record",
          "Integer",
          "Long",
          "Float",
          "Double",
          "Boolean",
          "Module",
          "Process",
          "Thread",
          "Error",
          "Exception");

  private static final Set<String> TAKEN_MEMBERS =
      Set.of(
          "clone",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait",
          "equals");

  private final Set<String> given = new HashSet<>();

  /// A scope in which nothing is taken.
  public JavaNames() {}

  /// A scope in which `taken` are taken.
  public JavaNames(List<String> taken) {
    given.addAll(taken);
  }

  /// A name for a class: `char-lm` is `CharLm`.
  public String type(String name) {
    String word = words(name, true);
    if (word.isEmpty() || Character.isDigit(word.charAt(0))) {
      word = "Model" + word;
    }
    return unique(TAKEN_TYPES.contains(word) ? word + "Model" : word);
  }

  /// A name for a method, field, parameter or record component: `fc.weight` is `fcWeight`.
  public String member(String name) {
    String word = words(name, false);
    if (word.isEmpty()) {
      word = "value";
    }
    if (Character.isDigit(word.charAt(0))) {
      word = "n" + word;
    }
    boolean taken = SourceVersion.isKeyword(word) || TAKEN_MEMBERS.contains(word);
    return unique(taken ? word + "_" : word);
  }

  private String unique(String word) {
    String name = word;
    for (int i = 2; !given.add(name); i++) {
      name = word + (Character.isDigit(word.charAt(word.length() - 1)) ? "_" : "") + i;
    }
    return name;
  }

  private static String words(String name, boolean upper) {
    StringBuilder out = new StringBuilder();
    boolean begins = upper;
    for (int i = 0; i < name.length() && out.length() < LONGEST; i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean digit = c >= '0' && c <= '9';
      if (letter || digit) {
        char first = begins ? Character.toUpperCase(c) : c;
        out.append(out.isEmpty() && !upper ? Character.toLowerCase(first) : first);
        begins = false;
      } else {
        begins = upper || !out.isEmpty();
      }
    }
    return out.toString();
  }
}
