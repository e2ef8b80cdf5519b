"""A run that makes chains: their pairs, tables and report."""

import sys
from collections import Counter

from genloss.datagen.chain import make_chain
from genloss.datagen.contact_sheet import draw_contact_sheet
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.pair_tables import write_tables
from genloss.datagen.report import write_report
from genloss.datagen.run import GENERATOR_VERSION, Finished, Product, Settings, make_all
from genloss.model.printable import printable

CHAINS_ON_SHEET = 30


def make_pairs(settings: Settings) -> Counter[str]:
    """Makes chains; resumes an earlier call with the same arguments.

    Returns:
        Counts of chains, versions, pairs and skips by reason.

    Raises:
        DatagenError: as `run.make_all`.
    """
    counts = make_all(Product("chains", ChainRecord, make_chain, {"generator": str(GENERATOR_VERSION)}, _write), settings)
    print(printable(f"look at {settings.out / 'report.html'}"), file=sys.stderr)
    return counts


def _write(finished: Finished[ChainRecord]) -> Counter[str]:
    settings = finished.settings
    counts = write_tables(settings.out, finished.records("writing tables"))
    sheet = draw_contact_sheet(settings.out, _for_sheet(finished), settings.n_workers)
    run = {"images": str(settings.images), **finished.run}
    write_report(settings.out, run, counts, finished.sources, finished.records("writing report"), sheet)
    return counts


def _for_sheet(finished: Finished[ChainRecord]) -> list[ChainRecord]:
    """Chains spread evenly over the run."""
    step = max(1, finished.settings.n_wanted // CHAINS_ON_SHEET)
    chosen = (record for record in finished.records() if record.chain % step == 0 and not record.skipped)
    return [record for record, _ in zip(chosen, range(CHAINS_ON_SHEET), strict=False)]
