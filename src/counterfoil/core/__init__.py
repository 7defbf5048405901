"""What every room stands on: transactions, time, ids, money, calendars, the error catalogue, the outbox."""
