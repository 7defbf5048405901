"""Which codes the schemas of outgoing messages list where. A test compares them with the schemas."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


PENDING = _codes(
    "AWMO ADEA CAIS REFU AWSH PHSE TAMM DOCY DOCC BLOC CHAS NEWI CLAC MUNO GLOB PREA PART NMAS NOFX CMON YCOL COLL "
    "DEPO FLIM INCA LINK FUTU LACK LALO MONY NCON REFS SDUT BATC SBLO CPEC MINO IAAD OTHR PHCK BENO BOTH CLHT DENO "
    "DISA DKNY FROZ LAAW LATE LIQU PRCY REGT SETS CERT PRSY CSDH CVAL CDLR INBC PREL PATD"
)
"""PendingReason24Code: why what is matched has not settled."""
FAILING = _codes(
    "AWMO BYIY CLAT ADEA CANR CAIS OBJT AWSH PHSE STCD DOCY MLAT DOCC BLOC CHAS NEWI CLAC MUNO GLOB PREA PART NOFX "
    "CMON YCOL COLL DEPO FLIM INCA LINK LACK LALO MONY NCON REFS SDUT BATC CYCL SBLO CPEC MINO IAAD OTHR PHCK BENO "
    "BOTH CLHT DENO DISA DKNY FROZ LAAW LATE LIQU PRCY REGT SETS CERT PRSY CDLR CSDH CVAL INBC PREL PATD"
)
"""FailingReason4Code: the same after the end of the intended day."""
UNMATCHED = _codes(
    "ADEA ACRU IIND CPCA CLAT NCRR DDEA DMCT DCMX DSEC DQUA INVE LEOG LATE MIME CMIS NMAS DTRA OTHR FRAP PHYS PLIS "
    "INPS PLCE PODU DEPT ICAG ICUS IEXE REGD RTGS SAFE DMON DDAT SETS SETR TXST DTRD DELN UNBR"
)
"""UnmatchedReason11Code."""
REJECTED = _codes(
    "SAFE DQUA ADEA DSEC LATE CASH DDEA DTRD PLCE RTGS NCRR PHYS REFE DMON MINO BATC MUNO TXST SETS IIND CAEV CASY "
    "DDAT SETR SDUT INPS OTHR ICUS ICAG DEPT IEXE INVB INVL INVN VALR INVE PLIS"
)
"""RejectionReason75Code: of an instruction."""
CANCELLED = _codes("SCEX OTHR CXLR BYIY CTHP CANZ CANT CSUB CANS CANI CORP")
"""CancelledStatusReason16Code: of an instruction."""
ACKNOWLEDGED = _codes("ADEA SMPG OTHR CDCY CDRG CDRE NSTP RQWV LATE")
"""AcknowledgementReason5Code: of an instruction, and of a change of conditions."""
PENDING_CANCELLATION = _codes("ADEA CONF OTHR CDRG CDCY CDRE")
"""PendingReason6Code: of an instruction to be cancelled, and of a change of conditions."""

CANCELLATION_ACKNOWLEDGED = _codes("ADEA SMPG OTHR")
"""AcknowledgementReason3Code."""
CANCELLATION_PENDING = _codes("ADEA CONF OTHR CDRG CDCY CDRE CDAC INBC")
"""PendingReason9Code."""
CANCELLATION_REJECTED = _codes("SAFE ADEA LATE NRGN REFE NRGM OTHR")
"""RejectionReason74Code."""
CANCELLATION_DONE = _codes("CANI OTHR")
"""CancelledStatusReason5Code."""
MODIFICATION_REJECTED = _codes("ADEA LATE SAFE NRGM NRGN OTHR REFE INVM INVL")
"""RejectionReason71Code."""
DENIED = _codes("ADEA CDCY CDRE DCAN DSET DPRG DREP LATE OTHR CDRG")
"""DeniedReason6Code: of a cancellation, and of a change of conditions."""

ALLEGED_TYPES = _codes(
    "AUTO BYIY BSBK CNCB COLI COLO CORP CONV RELE ETFT OWNE OWNI ISSU MKDW CLAI MKUP NETT NSYN PAIR PLAC PORT REAL "
    "REDM REPU RVPO SECB SECL SBBK SUBS SWIF SWIT SYND TRAD TRPO TRVO TURN REDI"
)
"""SecuritiesTransactionType24Code: of an allegement."""
TYPES = ALLEGED_TYPES | _codes("FCTA INSP REBL RODE SBRE SLRE TBAC")
"""SecuritiesTransactionType26Code and 25Code: of a status and a confirmation."""
POSTED_TYPES = TYPES | _codes("TRIN TOUT")
"""SecuritiesTransactionType27Code: of a posting."""

ACTIVITIES = _codes("BOLE CLAI COLL CORP SETT")
"""TransactionActivity1Code: of a posting."""
POSTING_FREQUENCIES = _codes("YEAR ADHO MNTH DAIL INDA WEEK")
"""EventFrequency4Code: of a posting report."""
HOLDING_FREQUENCIES = POSTING_FREQUENCIES | _codes("SEMI QUTR TOMN TOWK TWMN OVNG ONDE")
"""EventFrequency7Code: of a statement of holdings."""
SUB_BALANCES = _codes(
    "BLOK AWAS BLCA BLOT BLOV BORR BODE BORE COLI COLO LOAN LODE LORE MARG PECA PEDA PEND PENR PLED REGO RSTR OTHR "
    "TRAN DRAW WDOC BTRA"
)
"""SecuritiesBalanceType12Code: of a part of a holding."""

_EVENTS = _codes(
    "ACTV ATTI BRUP DFLT BONU EXRI CAPD CAPG CAPI DRCA DVCA CHAN COOP CLSA CONS CONV CREV DECR DETI DSCL DVOP "
    "DRIP DRAW DTCH EXOF REDM MCAL INCR PPMT INTR RHDI LIQU EXTM MRGR NOOF CERT ODLT OTHR PARI PCAL PRED PINK "
    "PLAC PDEF PRIO BPUT REDO REMK BIDS SPLR RHTS DVSC SHPR SMAL SOFF DVSE SPLF TREC TEND DLST SUSP EXWA WTRC "
    "WRTH ACCU"
)
INSTRUCTED_EVENTS = _EVENTS
"""CorporateActionEventType40Code: of an instruction about an event, and of its status."""
ADVISED_EVENTS = _EVENTS | _codes("TNDP RCLA")
"""CorporateActionEventType36Code: of a preliminary advice."""
ANNOUNCED_EVENTS = ADVISED_EVENTS | _codes("INFO")
"""CorporateActionEventType35Code: of a notification and a cancellation."""
CONFIRMED_EVENTS = ADVISED_EVENTS | _codes("MTNG")
"""CorporateActionEventType37Code: of a confirmation and a reversal."""
CLAIMED_EVENTS = _EVENTS - {"ACCU"}
"""CorporateActionEventType39Code: of a market claim."""
_OPTIONS = _codes(
    "ABST BSPL BUYA CASE CASH CEXC CONN CONY CTEN EXER LAPS MPUT NOAC NOQU OFFR OTHR OVER QINV SECU SLLE PRUN"
)
ANNOUNCED_OPTIONS = _OPTIONS | _codes("BOBD")
"""CorporateActionOption15Code: of a notification and a preliminary advice."""
CONFIRMED_OPTIONS = _OPTIONS | _codes("MKDW MKUP")
"""CorporateActionOption12Code: of a confirmation and a reversal."""
ANSWERED_OPTIONS = ANNOUNCED_OPTIONS | CONFIRMED_OPTIONS | _codes("TAXI")
"""CorporateActionOption17Code: of the status of an instruction."""
INSTRUCTED_OPTIONS = ANSWERED_OPTIONS | _codes("CERT")
"""CorporateActionOption16Code: of an instruction."""
CHANGES = _codes("BERE CERT DEPH GPPH GTGP GTPH NAME PHDE REBE TERM DECI")
"""CorporateActionChangeType1Code: what of a security changes."""
REVERSALS = _codes("DCBD FNRC IRED IETR IPCU IPRI IVAD UPAY OTHR")
"""CorporateActionReversalReason3Code."""
ELECTION_REJECTED = _codes(
    "ADEA CERT INVA OPTY ULNK DSEC LACK LATE NMTY FULL CANC INTV OPNM OTHR DQUA REFT SAFE EVNM DQCS DQCC DQAM "
    "IRDQ DQBV DQBI SHAR ITAX NTAX MTAX ISOL BSTR CTCT DUPL PROI PRON PROT TRTI IPAW REJA IPED"
)
"""RejectionReason85Code: of an instruction about an event."""
ELECTION_PENDING = _codes(
    "ADEA OTHR FULL MCER MONY LACK LATE DQUA PENR CERT DQCS ITAX NTAX MTAX SNAV BSTR IPAW IPED"
)
"""PendingReason27Code: of an instruction about an event."""
ELECTION_CANCELLED = _codes("CANI CANO CANS CSUB OTHR")
"""CancelledStatusReason6Code: of an instruction about an event."""
ELECTION_ACCEPTED = _codes("NSTP OTHR")
"""AcknowledgementReason7Code: of an instruction about an event."""
