/// `sinter fmt`: the one canonical form of a file.
package dev.sinter.dsl.format;
