# One task by one package. Arguments: package, task, folder of the columns, file for the answer.
# The clock runs for the package's own work only; reading the columns and attaching the package come before it.
given <- commandArgs(trailingOnly = TRUE)
package <- given[1]; task <- given[2]; folder <- given[3]; answer <- given[4]
options(warn = -1)
suppressPackageStartupMessages(library(package, character.only = TRUE))

column <- function(name) {
  for (kind in c("i4", "f8")) {
    file <- file.path(folder, paste0(name, ".", kind))
    if (file.exists(file)) {
      size <- if (kind == "i4") 4L else 8L
      what <- if (kind == "i4") "integer" else "numeric"
      return(readBin(file, what, n = file.size(file) / size, size = size, endian = "little"))
    }
  }
  stop("no column ", name)
}

period <- column("period"); product <- column("product"); price <- column("price")
periods <- max(period)
if (task != "hierarchy") {
  quantity <- column("quantity")
  frame <- data.frame(period = period, product = product, price = price, quantity = quantity)
}

work <- switch(paste(package, task),
  "gpindex geks" = function() {
    cumprod(c(1, unlist(tornqvist_geks(price, quantity, period, product, na.rm = TRUE))))
  },
  "multilateral geks" = function() {
    multilateral(period = period, price = price, id = product, quantity = quantity, index_method = "GEKS-T",
                 window_length = periods, splice_method = "window")$index$index
  },
  "IndexNumR geks" = function() {
    as.vector(GEKSIndex(frame, pvar = "price", qvar = "quantity", pervar = "period", prodID = "product",
                        indexMethod = "tornqvist", window = periods))
  },
  "multilateral wtpd" = {
    share <- column("share")
    function() {
      multilateral(period = period, price = price, id = product, weight = share, index_method = "TPD",
                   window_length = periods, splice_method = "window")$index$index
    }
  },
  "IndexNumR wtpd" = function() {
    as.vector(WTPDIndex(frame, pvar = "price", qvar = "quantity", pervar = "period", prodID = "product",
                        window = periods))
  },
  "IndexNumR gk" = function() {
    as.vector(GKIndex(frame, pvar = "price", qvar = "quantity", pervar = "period", prodID = "product",
                      window = periods, solveMethod = "iterative"))
  },
  "piar hierarchy" = {
    ea <- column("ea")
    group <- column("structure_group"); weight <- column("structure_weight")
    structure <- aggregation_structure(list(rep("total", length(group)), paste0("g", group), seq_along(group)), weight)
    function() {
      imputed <- impute_prices(price, period = period, product = product, ea = ea, pias = structure)
      relative <- price_relative(imputed, period = period, product = product)
      elementary <- elementary_index(relative, period = period, ea = ea, product = product, na.rm = TRUE,
                                     contrib = TRUE)
      index <- aggregate(elementary, structure, na.rm = TRUE, contrib = TRUE)
      chained <- chain(index)
      parts <- contrib2DF(index, levels = index$levels)
      stopifnot(nrow(parts) == 3 * length(price))
      as.numeric(as.matrix(chained)["total", ])
    }
  },
  stop("no such task for this package")
)

invisible(gc(reset = TRUE))
before <- proc.time()
values <- work()
used <- proc.time() - before
cpu <- sum(used[c("user.self", "sys.self", "user.child", "sys.child")], na.rm = TRUE)
peak <- 0
if (file.exists("/proc/self/status")) {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  peak <- as.numeric(gsub("[^0-9]", "", line)) * 1024
}
number <- function(x) ifelse(is.finite(x), sprintf("%.15g", x), "null")
cat(sprintf('{"cpu": %.6f, "wall": %.6f, "peak": %.0f, "values": [%s]}', max(cpu, 1e-3), used[["elapsed"]], peak,
            paste(number(values), collapse = ", ")), file = answer)
